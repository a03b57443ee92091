package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// The bounds of /v1/events.
const (
	DefaultFollowers = 2000             // clients at a time
	beat             = 15 * time.Second // between signs of life
	patience         = 30 * time.Second // with a client that does not read
)

// streamed is an entry of the journal as a Server-Sent Event tells it.
type streamed struct {
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"`
	Payment string          `json:"payment"`
	Data    json.RawMessage `json:"data"`
}

// events follows a company's events. Errors before the first byte are answered as everywhere; later ones end the stream.
func (s *server) events(r *request) (reply, error) {
	c, err := s.company(r.query["company"])
	if err != nil {
		return reply{}, err
	}
	after, err := begin(r)
	if err != nil {
		return reply{}, err
	}
	if r.Method == http.MethodHead {
		return reply{stream: announce}, nil
	}
	if most := int32(s.Followers); s.following.Add(1) > most {
		s.following.Add(-1)
		return reply{}, tooMany(s.Followers)
	}
	return reply{stream: func(w http.ResponseWriter) {
		defer s.following.Add(-1)
		s.follow(w, r, c, after)
	}}, nil
}

// begin returns the event behind which to begin, -1 for what happens next.
func begin(r *request) (int64, error) {
	text, name := r.Header.Get("Last-Event-ID"), "Last-Event-ID"
	if text == "" {
		text, name = r.query["after"], "after"
	}
	if text == "" {
		return -1, nil
	}
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil || after < 0 {
		return 0, breaks("%s must be the id of an event", name)
	}
	return after, nil
}

func announce(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

// follow writes to one client what happens in a company: out of the broadcast, or, as long as it is behind that, out of the
// journal by itself.
func (s *server) follow(w http.ResponseWriter, r *request, c *backoffice.Company, after int64) {
	ctx := r.Context()
	b, shift, err := s.join(ctx, c.ID)
	if err != nil {
		if ctx.Err() == nil {
			s.refuse(w, r.Request, err)
		}
		return
	}
	defer s.leave(c.ID, b)
	to := &follower{w: w, out: http.NewResponseController(w)}
	at := b.end()
	announce(w)
	if after < 0 {
		err = to.send([]byte(alive))
	} else {
		at, err = s.catchUp(ctx, c.ID, b, uint64(after), to)
	}
	for err == nil {
		var late, over bool
		var changed <-chan struct{}
		var texts [][]byte
		texts, at, changed, late, over = b.after(at, shift)
		switch {
		case len(texts) > 0:
			err = to.send(texts...)
		case over:
			return
		case late:
			at, err = s.catchUp(ctx, c.ID, b, at.seq, to)
		default:
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
	if ctx.Err() == nil && !errors.Is(err, errStopping) {
		s.Log.Debug("events end", "company", c.Name, "error", err)
	}
}

// Why a follower's own reading of the journal ends.
var (
	errCaughtUp = errors.New("caught up with the broadcast")
	errStopping = errors.New("the simulator stops")
)

// catchUp sends what happened behind an event out of the journal, until the broadcast goes on from there.
func (s *server) catchUp(ctx context.Context, company string, b *broadcast, after uint64, to *follower) (at spot, err error) {
	at, caught := b.catch(after, false)
	if caught {
		return at, to.send([]byte(alive))
	}
	err = s.Queries.Follow(ctx, company, int64(after), beat, func(entries []journal.FeedEntry) error {
		if len(entries) == 0 {
			return to.send([]byte(alive))
		}
		var text bytes.Buffer
		for _, e := range entries {
			if err := writeEvent(&text, e); err != nil {
				return err
			}
		}
		if err := to.send(text.Bytes()); err != nil {
			return err
		}
		if at, caught = b.catch(entries[len(entries)-1].Seq, true); caught {
			return errCaughtUp
		}
		return nil
	})
	switch {
	case errors.Is(err, errCaughtUp):
		return at, nil
	case err == nil:
		return at, errStopping
	}
	return at, err
}

// follower is a client of /v1/events.
type follower struct {
	w   http.ResponseWriter
	out *http.ResponseController
}

func (f *follower) send(texts ...[]byte) error {
	_ = f.out.SetWriteDeadline(clock.Wall().Add(patience)) // a recorder of a test has none
	for _, text := range texts {
		if _, err := f.w.Write(text); err != nil {
			return err
		}
	}
	return f.out.Flush()
}

func writeEvent(w io.Writer, e journal.FeedEntry) error {
	data := json.RawMessage(e.Data)
	if len(data) == 0 {
		data = json.RawMessage("null")
	}
	text, err := json.Marshal(streamed{e.Seq, e.At, e.Kind, e.Stream, data})
	if err != nil {
		return fmt.Errorf("write event %d: %w", e.Seq, err)
	}
	_, err = fmt.Fprintf(w, "id: %d\ndata: %s\n\n", e.Seq, text)
	return err
}

package control

import (
	"bytes"
	"encoding/json"
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
	mostFollowing = 100              // clients at a time
	beat          = 15 * time.Second // between signs of life
	patience      = 30 * time.Second // with a client that does not read
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
	if s.following.Add(1) > mostFollowing {
		s.following.Add(-1)
		return reply{}, tooMany(mostFollowing)
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

func (s *server) follow(w http.ResponseWriter, r *request, c *backoffice.Company, after int64) {
	announce(w)
	out := http.NewResponseController(w)
	send := func(text []byte) error {
		_ = out.SetWriteDeadline(clock.Wall().Add(patience)) // a recorder of a test has none
		if _, err := w.Write(text); err != nil {
			return err
		}
		return out.Flush()
	}
	err := s.Lookout.Follow(r.Context(), c.ID, after, beat, func(entries []journal.Happening) error {
		if len(entries) == 0 {
			return send([]byte(": alive\n\n"))
		}
		var text bytes.Buffer
		for _, e := range entries {
			if err := writeEvent(&text, e); err != nil {
				return err
			}
		}
		return send(text.Bytes())
	})
	if err != nil && r.Context().Err() == nil {
		s.Log.Debug("events end", "company", c.Name, "error", err)
	}
}

func writeEvent(w io.Writer, e journal.Happening) error {
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

package control

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// DefaultFollowers is how many clients may follow events at a time.
const DefaultFollowers = 2000

const (
	beat         = 15 * time.Second       // between comments that keep a connection alive
	maxRest      = 500 * time.Millisecond // between two writes to a client
	restEach     = 500 * time.Microsecond // that each client adds to it
	fewFollowers = 10                     // which get every event at once
)

// alive is the comment that keeps a connection alive.
const alive = ": alive\n\n"

func followEvents(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return r.follow(ctx, c, r.Queries.Follow)
}

// streams are the clients that follow something.
type streams struct {
	most      int // clients at a time
	following atomic.Int32
	begun     atomic.Uint32 // counts the clients
	rooms     sync.Pool     // of *[]byte, to put what is written at once together
}

// follow answers with a stream of what happens in a company, by whatever reads that. Every client has a loop of its own. Where many
// follow, the loop rests between two writes, so that a client gets what happens meanwhile in one write. Errors before the stream's first
// byte are answered as in every other operation; later ones end it.
func (r *request) follow(
	ctx context.Context, c *backoffice.Company,
	follow func(ctx context.Context, company string, after int64, beat time.Duration, each func([]journal.Event) error) error,
) (any, error) {
	after, err := afterOf(r)
	if err != nil {
		return nil, err
	}
	if r.http.Method == http.MethodHead {
		return stream(startStream), nil
	}
	s := r.streams
	if s.following.Add(1) > int32(s.most) {
		s.following.Add(-1)
		return nil, tooManyFollowers(s.most)
	}
	defer s.following.Add(-1)
	to := &follower{writer: r.writer, out: http.NewResponseController(r.writer), wall: clock.New(), streams: s, number: s.begun.Add(1)}
	err = follow(ctx, c.ID, after, beat, func(found []journal.Event) error { return to.send(ctx, found) })
	if err != nil && !to.started {
		return nil, err
	}
	if err != nil && ctx.Err() == nil {
		r.Log.Debug("stream of events ended", "company", c.Name, "error", err)
	}
	return stream(func(http.ResponseWriter) {}), nil
}

// afterOf returns the event after which to begin, -1 for what happens next.
func afterOf(r *request) (int64, error) {
	text, name := r.http.Header.Get("Last-Event-ID"), "Last-Event-ID"
	if text == "" {
		text, name = r.query["after"], "after"
	}
	if text == "" {
		return -1, nil
	}
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil || after < 0 {
		return 0, openapi.InvalidAt(name, "must be the id of an event")
	}
	return after, nil
}

func startStream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

// follower is a client that follows events.
type follower struct {
	writer  http.ResponseWriter
	out     *http.ResponseController
	wall    *clock.Clock
	started bool
	streams *streams
	number  uint32
}

// send writes events, or the comment that keeps the connection alive when there are none. After events it rests, the longer the more
// clients follow.
func (f *follower) send(ctx context.Context, events []journal.Event) error {
	if !f.started {
		startStream(f.writer)
		f.started = true
	}
	if err := f.write(events); err != nil || len(events) == 0 {
		return err
	}
	return f.rest(ctx, int(f.streams.following.Load()))
}

func (f *follower) write(events []journal.Event) error {
	room, _ := f.streams.rooms.Get().(*[]byte)
	if room == nil {
		room = new([]byte)
	}
	defer f.streams.rooms.Put(room)
	text := (*room)[:0]
	for _, e := range events { // as Server-Sent Events
		text = strconv.AppendUint(append(text, "id: "...), e.No, 10)
		text = append(append(append(text, "\ndata: "...), e.Text...), "\n\n"...)
	}
	if len(events) == 0 {
		text = append(text, alive...)
	}
	*room = text
	if _, err := f.writer.Write(text); err != nil {
		return err
	}
	return f.out.Flush()
}

// rest waits before the next write.
func (f *follower) rest(ctx context.Context, followers int) error {
	if followers <= fewFollowers {
		return nil
	}
	_, err := f.wall.Hold(ctx, restOf(f.number, followers, f.wall.Now()))
	return err
}

// restOf is how long a client, by its number, rests from now on: until its own place in a period that all share. An event wakes all
// clients at once; if all rested for as long, they would write at once again and again, and calls would wait until all have written.
func restOf(number uint32, followers int, now time.Time) time.Duration {
	period := min(maxRest, time.Duration(followers)*restEach)
	place := time.Duration(float64(period) * float64(number*goldenRatio) / (1 << 32))
	return period - time.Duration((now.UnixNano()-int64(place))%int64(period))
}

// goldenRatio, of 2³², puts each number's multiple far from those of its neighbours.
const goldenRatio = 2654435769

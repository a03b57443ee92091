package control

import (
	"bytes"
	"context"
	"sync"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// The bounds of a broadcast.
const (
	mostKept = 1 << 20                // bytes of the newest events, for followers that fall behind a little
	mostRest = 500 * time.Millisecond // between two batches
	restEach = 500 * time.Microsecond // that a follower adds to the rest: what comes meanwhile goes out in one write
	fewAre   = 10                     // followers that are served without any rest
	shifts   = 64                     // in which many followers are woken, so that they never crowd everybody else out
)

// broadcast is a company's events on their way to everybody who follows them: one reader of the journal, who writes each event
// once, and hands the same bytes to all. It lives as long as somebody follows.
type broadcast struct {
	ready chan struct{} // closed when the reader's place is fixed, or it has failed

	mu        sync.Mutex
	batches   []batch
	dropped   int                   // batches that were forgotten: the place of batches[0]
	size      int                   // bytes of all batches
	began     uint64                // the event before the first that was ever read here
	last      uint64                // the newest event
	epoch     int                   // counts how often the journal was set back
	changed   [shifts]chan struct{} // nil while nobody of the shift waits
	followers int
	joined    int // so many there were in all
	over      bool
	err       error // why, nil when the simulator stops
	stop      context.CancelFunc
}

// batch are events that were read together, or a sign of life, which has none.
type batch struct {
	text  []byte
	first uint64
	ends  []int // where each event's text ends
	epoch int
}

func (b *batch) last() uint64 { return b.first + uint64(len(b.ends)) - 1 }

// behind is the text of the events behind one, and how many there are.
func (b *batch) behind(seq uint64) []byte {
	if len(b.ends) == 0 || seq < b.first {
		return b.text
	}
	if seq >= b.last() {
		return nil
	}
	return b.text[b.ends[seq-b.first]:]
}

// join returns the company's broadcast, with one more follower, and the follower's shift; the caller calls leave.
func (s *server) join(ctx context.Context, company string) (b *broadcast, shift int, err error) {
	s.onAir.Lock()
	b = s.broadcasts[company]
	if b == nil {
		own, stop := context.WithCancel(context.Background()) // it outlives the follower who began it
		b = &broadcast{ready: make(chan struct{}), stop: stop}
		s.broadcasts[company] = b
		go s.read(own, company, b)
	}
	b.followers++
	shift = b.joined % shifts
	b.joined++
	s.onAir.Unlock()
	select {
	case <-b.ready:
	case <-ctx.Done():
		s.leave(company, b)
		return nil, 0, ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over && b.err != nil {
		s.leave(company, b)
		return nil, 0, b.err
	}
	return b, shift, nil
}

// leave ends the broadcast with its last follower.
func (s *server) leave(company string, b *broadcast) {
	s.onAir.Lock()
	defer s.onAir.Unlock()
	if b.followers--; b.followers > 0 {
		return
	}
	b.stop()
	if s.broadcasts[company] == b {
		delete(s.broadcasts, company)
	}
}

// read is the one reader of the journal.
func (s *server) read(ctx context.Context, company string, b *broadcast) {
	started := sync.OnceFunc(func() { close(b.ready) })
	wall := clock.New()
	err := s.Queries.Follow(ctx, company, -1, beat, func(entries []journal.FeedEntry) error {
		if err := b.publish(entries); err != nil {
			return err
		}
		started()
		rest := s.rest(b) / shifts
		for shift := range shifts {
			b.wake(shift)
			if _, err := wall.Hold(ctx, rest); err != nil {
				return err
			}
		}
		return nil
	})
	s.onAir.Lock()
	if s.broadcasts[company] == b { // who comes now gets a new one
		delete(s.broadcasts, company)
	}
	s.onAir.Unlock()
	b.mu.Lock()
	if b.over = true; ctx.Err() == nil {
		b.err = err
	}
	b.mu.Unlock()
	for shift := range shifts {
		b.wake(shift)
	}
	started()
	b.stop()
}

// rest is how long the reader waits before it reads on.
func (s *server) rest(b *broadcast) time.Duration {
	s.onAir.Lock()
	defer s.onAir.Unlock()
	if b.followers <= fewAre {
		return 0
	}
	return min(mostRest, time.Duration(b.followers)*restEach)
}

// publish hands a batch to all followers; none is a sign of life.
func (b *broadcast) publish(entries []journal.FeedEntry) error {
	next := batch{text: []byte(alive)}
	if len(entries) > 0 {
		next.first = entries[0].Seq
	}
	var text bytes.Buffer
	for i, e := range entries {
		if e.Seq != next.first+uint64(i) { // the streams between were dropped
			if err := b.publish(entries[:i]); err != nil {
				return err
			}
			return b.publish(entries[i:])
		}
		if err := writeEvent(&text, e); err != nil {
			return err
		}
		next.ends = append(next.ends, text.Len())
		next.text = text.Bytes()
	}
	b.add(next)
	return nil
}

// alive is what followers get while nothing happens.
const alive = ": alive\n\n"

func (b *broadcast) add(next batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(next.ends) > 0 {
		switch {
		case b.last == 0 && b.epoch == 0:
			b.began = next.first - 1
		case next.first <= b.last: // a reset, or a restore
			b.epoch++
			b.began = next.first - 1
		}
		b.last = next.last()
	}
	next.epoch = b.epoch
	b.batches, b.size = append(b.batches, next), b.size+len(next.text)
	for b.size > mostKept && len(b.batches) > 1 {
		b.size -= len(b.batches[0].text)
		b.batches[0] = batch{}
		b.batches = b.batches[1:]
		b.dropped++
	}
}

// wake lets the followers of a shift look for what is new.
func (b *broadcast) wake(shift int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed[shift] != nil {
		close(b.changed[shift])
		b.changed[shift] = nil
	}
}

// spot is where a follower stands in a broadcast.
type spot struct {
	at    int    // the next batch
	seq   uint64 // the last event that was sent; 0 = none is known
	epoch int    // in which seq counts
}

// end is where a follower begins that wants what happens next.
func (b *broadcast) end() spot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return spot{at: b.dropped + len(b.batches), seq: b.last, epoch: b.epoch}
}

// catch returns the place behind an event that was sent otherwise; ok is false when too much has happened since. An event
// that this broadcast has not seen yet counts only when the caller has: somebody else may mean one of before a reset.
func (b *broadcast) catch(seq uint64, seen bool) (p spot, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p = spot{at: b.dropped + len(b.batches), seq: seq, epoch: b.epoch}
	if seq >= b.last {
		return p, b.last > 0 && (seen || seq == b.last)
	}
	for i := len(b.batches) - 1; i >= 0 && b.batches[i].epoch == b.epoch; i-- {
		p.at--
		if one := &b.batches[i]; len(one.ends) > 0 && one.first <= seq+1 {
			return p, true
		}
	}
	return spot{}, false
}

// after returns what is new behind a place, and the place behind that. When nothing is, changed is closed when the shift's
// turn has come after the next batch; late says that what is behind the place has been forgotten, over that nothing will
// follow.
func (b *broadcast) after(p spot, shift int) (texts [][]byte, next spot, changed <-chan struct{}, late, over bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.at < b.dropped {
		if p.seq == 0 || p.epoch != b.epoch {
			p.seq, p.epoch = b.began, b.epoch
		}
		return nil, p, nil, true, b.over
	}
	for _, one := range b.batches[p.at-b.dropped:] {
		p.at++
		if len(one.ends) == 0 {
			texts = append(texts, one.text)
			continue
		}
		if one.epoch != p.epoch {
			p.seq, p.epoch = 0, one.epoch
		}
		if text := one.behind(p.seq); len(text) > 0 {
			texts = append(texts, text)
		}
		p.seq = max(p.seq, one.last())
	}
	if len(texts) > 0 || b.over {
		return texts, p, nil, false, b.over
	}
	if b.changed[shift] == nil {
		b.changed[shift] = make(chan struct{})
	}
	return nil, p, b.changed[shift], false, b.over
}

package console

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// logouts keeps in the journal which sessions were ended until they would have expired: every process that shares it knows, and one that starts anew.
type logouts struct {
	journal journal.Journal
	now     func() time.Time

	mu    sync.Mutex
	upTo  uint64 // settings up to this revision are known
	ended map[string]logout
}

type logout struct {
	rev     uint64
	expires time.Time
}

// endedSession begins the names of these settings, which belong to no company.
const endedSession = "ended-session/"

// has says whether a session was ended.
func (l *logouts) has(ctx context.Context, id string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.load(ctx)
	_, ended := l.ended[id]
	return ended, err
}

// logoutsWithin is how long a request waits for them: when they can't be read, nobody is logged in.
const logoutsWithin = time.Second

// load reads what has changed. The caller holds the lock.
func (l *logouts) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, logoutsWithin)
	defer cancel()
	changed, err := l.journal.Settings(ctx, journal.SettingQuery{After: l.upTo, Named: endedSession})
	if err != nil {
		return err
	}
	for _, s := range changed {
		l.upTo = s.Rev
		id := strings.TrimPrefix(s.Name, endedSession)
		if s.Data == nil {
			delete(l.ended, id)
			continue
		}
		seconds, _ := strconv.ParseInt(string(s.Data), 10, 64) // what is no number has expired
		l.ended[id] = logout{s.Rev, time.Unix(seconds, 0)}
	}
	return nil
}

// add keeps that a session was ended. Sessions that have expired meanwhile are forgotten.
func (l *logouts) add(ctx context.Context, id string, expires time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(ctx); err != nil {
		return err
	}
	for old, was := range l.ended {
		if !l.now().Before(was.expires) { // another process may be faster
			_, _ = l.journal.PutSetting(ctx, journal.Setting{Name: endedSession + old, Rev: was.rev})
		}
	}
	if _, ended := l.ended[id]; ended {
		return nil
	}
	_, err := l.journal.PutSetting(ctx, journal.Setting{Name: endedSession + id, Data: strconv.AppendInt(nil, expires.Unix(), 10)})
	return err
}

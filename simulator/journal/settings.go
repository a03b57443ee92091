package journal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// memorySettings are the settings of a Memory's companies, and their locks.
type memorySettings struct {
	logs *companyLogs

	guard   sync.Mutex // of all that follows
	rev     uint64
	all     map[[2]string]Setting // by company and name; those that were taken away stay, without Data
	waiting chan struct{}         // closed by the next change; nil while none waits
	ended   chan struct{}         // closed by Close
	locks   *Locks
}

func newMemorySettings(logs *companyLogs) *memorySettings {
	ended := make(chan struct{})
	return &memorySettings{logs: logs, all: map[[2]string]Setting{}, ended: ended, locks: NewLocks(ended)}
}

// PutSetting implements Journal.
func (k *memorySettings) PutSetting(_ context.Context, n Setting) (rev uint64, err error) {
	if rev, err = k.put(n); err != nil {
		return 0, err
	}
	k.tell(n.Company)
	return rev, nil
}

func (k *memorySettings) put(n Setting) (rev uint64, err error) {
	k.guard.Lock()
	defer k.guard.Unlock()
	if k.isClosed() {
		return 0, ErrClosed
	}
	place := [2]string{n.Company, n.Name}
	known := uint64(0)
	if old := k.all[place]; old.Data != nil {
		known = old.Rev
	}
	if n.Rev != known {
		return 0, fmt.Errorf("setting %s of %s has revision %d, the writer knew %d: %w", n.Name, n.Company, known, n.Rev, ErrConflict)
	}
	if n.Data == nil && known == 0 {
		return 0, nil
	}
	k.rev++
	n.Rev, n.Data = k.rev, slices.Clone(n.Data)
	k.all[place] = n
	k.notify()
	return n.Rev, nil
}

// Settings implements Journal.
func (k *memorySettings) Settings(_ context.Context, q SettingQuery) ([]Setting, error) {
	k.guard.Lock()
	defer k.guard.Unlock()
	if k.isClosed() {
		return nil, ErrClosed
	}
	var found []Setting
	for _, n := range k.all {
		if n.Rev > q.After && (q.Named == "" || n.Company == "" && strings.HasPrefix(n.Name, q.Named)) {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b Setting) int { return cmp.Compare(a.Rev, b.Rev) })
	return found, nil
}

// changes returns a channel that the next change, or the end, closes.
func (k *memorySettings) changes() <-chan struct{} {
	k.guard.Lock()
	defer k.guard.Unlock()
	if k.isClosed() {
		return k.ended
	}
	if k.waiting == nil {
		k.waiting = make(chan struct{})
	}
	return k.waiting
}

// tell wakes those who wait for changes of a company; "" is of what belongs to none.
func (k *memorySettings) tell(company string) {
	if company == "" {
		k.guard.Lock()
		defer k.guard.Unlock()
		k.notify()
	} else if s, err := k.logs.locked(company, false); err == nil && s != nil {
		s.notify()
		s.mu.Unlock()
	}
}

// Lock implements Journal.
func (k *memorySettings) Lock(ctx context.Context, company string) (unlock func(), err error) {
	return k.locks.Take(ctx, company)
}

// Elsewhere implements Journal: there is no other process.
func (k *memorySettings) Elsewhere(func(company string)) {}

// Shared implements Journal: a Memory belongs to its process.
func (k *memorySettings) Shared() bool { return false }

// notify wakes up all who wait. The caller holds the lock.
func (k *memorySettings) notify() {
	if k.waiting != nil {
		close(k.waiting)
		k.waiting = nil
	}
}

func (k *memorySettings) close() {
	k.guard.Lock()
	defer k.guard.Unlock()
	if !k.isClosed() {
		close(k.ended)
	}
	k.notify()
}

func (k *memorySettings) isClosed() bool {
	select {
	case <-k.ended:
		return true
	default:
		return false
	}
}

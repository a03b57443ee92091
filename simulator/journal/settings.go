package journal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// settingStore holds a Memory's settings and the companies' locks.
type settingStore struct {
	mu      sync.Mutex
	rev     uint64
	all     map[[2]string]Setting // by company and name; those that were taken away stay, without Data
	waiting chan struct{}         // closed by the next change; nil while none waits
	ended   chan struct{}         // closed by Close
	locks   map[string]chan struct{}
}

func newSettingStore() settingStore {
	return settingStore{all: map[[2]string]Setting{}, ended: make(chan struct{}), locks: map[string]chan struct{}{}}
}

func (k *settingStore) put(n Setting) (rev uint64, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
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

// find returns what a query picks.
func (k *settingStore) find(q SettingQuery) ([]Setting, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
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
func (k *settingStore) changes() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.isClosed() {
		return k.ended
	}
	if k.waiting == nil {
		k.waiting = make(chan struct{})
	}
	return k.waiting
}

func (k *settingStore) tell() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notify()
}

// notify wakes up all who wait. The caller holds the lock.
func (k *settingStore) notify() {
	if k.waiting != nil {
		close(k.waiting)
		k.waiting = nil
	}
}

func (k *settingStore) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.isClosed() {
		close(k.ended)
	}
	k.notify()
}

func (k *settingStore) isClosed() bool {
	select {
	case <-k.ended:
		return true
	default:
		return false
	}
}

// take waits for a company's lock, and takes it.
func (k *settingStore) take(ctx context.Context, company string) (unlock func(), err error) {
	if k.isClosed() {
		return nil, ErrClosed
	}
	select {
	case k.lock(company) <- struct{}{}:
		return sync.OnceFunc(func() { <-k.lock(company) }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-k.ended:
		return nil, ErrClosed
	}
}

// lock is full while somebody holds it.
func (k *settingStore) lock(company string) chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	lock := k.locks[company]
	if lock == nil {
		lock = make(chan struct{}, 1)
		k.locks[company] = lock
	}
	return lock
}

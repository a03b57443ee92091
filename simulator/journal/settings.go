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
	signals *Signals
	locks   *Locks

	guard sync.Mutex // of all that follows
	rev   uint64
	all   map[[2]string]Setting // by company and name; those that were taken away stay, without Data
}

// PutSetting implements Journal.
func (k *memorySettings) PutSetting(_ context.Context, n Setting) (rev uint64, err error) {
	k.guard.Lock()
	defer k.guard.Unlock()
	if k.signals.Over() {
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
	k.signals.Tell(n.Company, "")
	return n.Rev, nil
}

// Settings implements Journal.
func (k *memorySettings) Settings(_ context.Context, q SettingQuery) ([]Setting, error) {
	k.guard.Lock()
	defer k.guard.Unlock()
	if k.signals.Over() {
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

// putSince says whether a setting has been put after one with a Rev.
func (k *memorySettings) putSince(rev uint64) bool {
	k.guard.Lock()
	defer k.guard.Unlock()
	return k.rev > rev
}

// Lock implements Journal.
func (k *memorySettings) Lock(ctx context.Context, company string) (unlock func(), err error) {
	return k.locks.Take(ctx, company)
}

// Elsewhere implements Journal: there is no other process.
func (k *memorySettings) Elsewhere(func(company string)) {}

// Shared implements Journal: a Memory belongs to its process.
func (k *memorySettings) Shared() bool { return false }

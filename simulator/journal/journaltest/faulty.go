package journaltest

import (
	"context"
	"errors"

	"mozartosim/simulator/journal"
)

// ErrFault is what a call of a Faulty journal fails with.
var ErrFault = errors.New("a fault that the test wants")

// Fault is when a call of a Faulty journal fails.
type Fault int

// The faults.
const (
	NoFault Fault = iota
	Before        // it does nothing
	After         // it does all that it should, but nobody is told
)

// Faulty is a journal whose calls fail when Fail says so, which is asked before each.
type Faulty struct {
	journal.Journal
	Fail func(call string) Fault
}

// failing makes a call.
func failing[T any](f *Faulty, name string, do func() (T, error)) (result T, err error) {
	fault := f.Fail(name)
	if fault == Before {
		return result, ErrFault
	}
	if result, err = do(); err == nil && fault == After {
		var none T
		return none, ErrFault
	}
	return result, err
}

// Append implements journal.Journal.
func (f *Faulty) Append(ctx context.Context, a journal.Append) error {
	_, err := failing(f, "append", func() (any, error) { return nil, f.Journal.Append(ctx, a) })
	return err
}

// Entries implements journal.Journal.
func (f *Faulty) Entries(ctx context.Context, company, stream string) ([]journal.Entry, error) {
	return failing(f, "entries", func() ([]journal.Entry, error) { return f.Journal.Entries(ctx, company, stream) })
}

// Claim implements journal.Journal.
func (f *Faulty) Claim(ctx context.Context, company string, q journal.ClaimQuery) ([]journal.Job, error) {
	return failing(f, "claim", func() ([]journal.Job, error) { return f.Journal.Claim(ctx, company, q) })
}

// Renew implements journal.Journal.
func (f *Faulty) Renew(ctx context.Context, company string, jobs ...journal.Job) ([]journal.Job, error) {
	return failing(f, "renew", func() ([]journal.Job, error) { return f.Journal.Renew(ctx, company, jobs...) })
}

// Release implements journal.Journal.
func (f *Faulty) Release(ctx context.Context, company string, jobs ...journal.Job) error {
	_, err := failing(f, "release", func() (any, error) { return nil, f.Journal.Release(ctx, company, jobs...) })
	return err
}

// ReleaseHeld implements journal.Journal.
func (f *Faulty) ReleaseHeld(ctx context.Context, company, stream string) error {
	_, err := failing(f, "release", func() (any, error) { return nil, f.Journal.ReleaseHeld(ctx, company, stream) })
	return err
}

// Jobs implements journal.Journal.
func (f *Faulty) Jobs(ctx context.Context, company string, q journal.JobQuery) ([]journal.Job, error) {
	return failing(f, "jobs", func() ([]journal.Job, error) { return f.Journal.Jobs(ctx, company, q) })
}

// PutSetting implements journal.Journal.
func (f *Faulty) PutSetting(ctx context.Context, s journal.Setting) (uint64, error) {
	return failing(f, "put setting", func() (uint64, error) { return f.Journal.PutSetting(ctx, s) })
}

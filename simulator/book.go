package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"mozartosim/simulator/journal"
)

// book keeps, as notes of the journal, what runs beside the payments: the companies, and of each its clock, scenarios,
// outages and inbox program. With a journal that ends with the process there is nothing to keep, and it does nothing. With
// one that other processes share, it takes over what they have changed.
type book struct {
	journal journal.Journal
	on      bool // the journal outlives the process, or is shared
	sealer  sealer

	reading sync.Mutex // one at a time takes over what has changed
	mu      sync.Mutex // guards what follows
	read    uint64     // notes up to this revision have been taken over
	revs    map[notePlace]uint64
	next    *catchUp // who comes now waits for this one
	running bool
}

type notePlace struct{ company, name string }

// The names of a company's notes, beside those of parts.
const noteCompany = "company"

// known returns the revision of a note as this process knows it, 0 when it knows of none.
func (b *book) known(p notePlace) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.revs[p]
}

func (b *book) learn(p notePlace, rev uint64, gone bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if gone {
		delete(b.revs, p)
		return
	}
	b.revs[p] = rev
}

// put writes a note; nil takes it away. The error is journal.ErrConflict when another process was faster.
func (b *book) put(ctx context.Context, p notePlace, data []byte) error {
	if data == nil && b.known(p) == 0 {
		return nil
	}
	rev, err := b.journal.PutSetting(context.WithoutCancel(ctx), journal.Setting{Company: p.company, Name: p.name, Rev: b.known(p), Data: data})
	if err != nil {
		return fmt.Errorf("keep %s of company %s: %w", p.name, p.company, err)
	}
	b.learn(p, rev, data == nil)
	return nil
}

// changed returns the notes that have changed since it was called last, but for those that this process wrote itself.
func (b *book) changed(ctx context.Context) ([]journal.Setting, error) {
	b.mu.Lock()
	after := b.read
	b.mu.Unlock()
	notes, err := b.journal.Settings(ctx, after)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return notes, nil
}

// reached notes how far the notes have been taken over.
func (b *book) reached(rev uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read = max(b.read, rev)
}

// catchUp is one look for what other processes have changed, on behalf of all who asked before it began.
type catchUp struct {
	done chan struct{}
	err  error
}

// refresh takes over what other processes have changed up to now, when the journal is shared. Calls that come while a look
// is under way wait together for the next: a thousand calls at once cost two looks.
func (s *Simulator) refresh(ctx context.Context) error {
	if !s.book.on || !s.journal.Shared() {
		return nil
	}
	b := &s.book
	b.mu.Lock()
	if b.next == nil {
		b.next = &catchUp{done: make(chan struct{})}
	}
	mine := b.next
	if !b.running {
		b.running = true
		go s.catchUpAll(context.WithoutCancel(ctx))
	}
	b.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// catchUpAll looks until nobody waits any more.
func (s *Simulator) catchUpAll(ctx context.Context) {
	b := &s.book
	for {
		b.mu.Lock()
		round := b.next
		b.next = nil
		if round == nil {
			b.running = false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		round.err = s.takeOver(ctx)
		close(round.done)
	}
}

// takeOver reads the notes that have changed, companies first, so that their parts find them.
func (s *Simulator) takeOver(ctx context.Context) error {
	s.book.reading.Lock()
	defer s.book.reading.Unlock()
	notes, err := s.book.changed(ctx)
	if err != nil || len(notes) == 0 {
		return err
	}
	var errs []error
	for _, n := range notes {
		if n.Name == noteCompany {
			errs = append(errs, s.takeOverCompany(n))
		}
	}
	for _, n := range notes {
		if n.Name != noteCompany {
			errs = append(errs, s.takeOverPart(n))
		}
	}
	s.book.reached(notes[len(notes)-1].Rev)
	return errors.Join(errs...)
}

// keep lets do change one part of a company's run time and notes how it stands then. When another process was faster, its
// state is taken over and do is called again.
func (s *Simulator) keep(ctx context.Context, t *tenant, name string, do func() error) error {
	if !s.book.on {
		return do()
	}
	for {
		err := s.keepOnce(ctx, t, name, do)
		if !errors.Is(err, journal.ErrConflict) {
			return err
		}
		if err := s.takeOver(ctx); err != nil {
			return err
		}
	}
}

func (s *Simulator) keepOnce(ctx context.Context, t *tenant, name string, do func() error) error {
	t.keeping.Lock()
	defer t.keeping.Unlock()
	if err := do(); err != nil {
		return err
	}
	data, err := s.parts()[name].write(t)
	if err != nil {
		return fmt.Errorf("keep %s of company %s: %w", name, t.id, err)
	}
	return s.book.put(ctx, notePlace{t.id, name}, data)
}

// alone makes the caller the only one, over all processes, who moves a company's clock, resets or restores it; name "" is for
// who changes companies. It also takes over what others have changed before.
func (s *Simulator) alone(ctx context.Context, company string) (done func(), err error) {
	done, err = s.journal.Lock(ctx, company)
	if err != nil {
		return nil, fmt.Errorf("wait for company %q: %w", company, err)
	}
	if err := s.refresh(ctx); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// current makes a handler see what other processes have changed before the call came. When that can't be read, the call goes
// on: it will meet the same journal, and say so in its own way.
func (s *Simulator) current(next http.Handler) http.Handler {
	if !s.book.on || !s.journal.Shared() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.refresh(r.Context()); err != nil {
			s.log.Warn("other processes' changes", "error", err)
		}
		next.ServeHTTP(w, r)
	})
}

// watchOthers takes over what other processes change while nobody calls, until ctx ends, so that their companies' due work
// has a worker here too.
func (s *Simulator) watchOthers(ctx context.Context, group *errgroup.Group) {
	if !s.book.on || !s.journal.Shared() {
		return
	}
	group.Go(func() error {
		for {
			changed := s.journal.Changed("")
			if err := s.refresh(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("other processes' changes", "error", err)
			}
			for _, c := range s.companies.List() {
				s.tenant(c.ID)
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return nil
			}
		}
	})
}

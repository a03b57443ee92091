package company

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

// Settings keeps the companies and the settings of their runtimes in the journal. With a journal that ends with the process
// nothing needs to be kept, and it only changes the runtimes. With one that other processes share, it applies what they have
// changed.
type Settings struct {
	SettingsConfig
	aead  cipher.AEAD // puts a random nonce before what it seals
	known revisions   // of the settings as this process knows them

	turn    chan struct{} // full while changes are applied
	begun   atomic.Uint64 // counts how often the journal was asked for changes
	loaded  uint64        // the last of these that was answered
	applied error         // what it could not apply
	upTo    atomic.Uint64 // settings up to this revision have been applied
}

type settingKey struct {
	company string
	name    Name
}

// SettingsConfig is what Settings works with.
type SettingsConfig struct {
	Journal   journal.Journal
	Within    time.Duration // how long a call waits for what other processes have changed
	Keep      bool          // whether the journal outlives the process, or is shared
	Key       string        // the passphrase under which companies are sealed
	Reader    backoffice.Reader
	Directory *backoffice.Directory
	Runtimes  *Runtimes
	Log       *slog.Logger
}

// Sealed says whether a journal has companies, whose secrets are sealed.
func Sealed(ctx context.Context, j journal.Journal) (bool, error) {
	all, err := j.Settings(ctx, journal.SettingQuery{})
	if err != nil {
		return false, fmt.Errorf("read settings: %w", err)
	}
	return slices.ContainsFunc(all, func(s journal.Setting) bool { return s.Name == string(companySetting) && s.Data != nil }), nil
}

// NewSettings makes a store of settings. It applies nothing yet: Load does.
func NewSettings(c SettingsConfig) (*Settings, error) {
	block, err := newCipher(c.Key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Settings{SettingsConfig: c, aead: aead, turn: make(chan struct{}, 1)}, err
}

// shared reports whether other processes may change settings.
func (s *Settings) shared() bool { return s.Keep && s.Journal.Shared() }

// Change lets do change one setting of a runtime, one caller at a time, and keeps what it is then. When another process was faster,
// its change is applied and do is called again.
func (s *Settings) Change(ctx context.Context, rt *Runtime, name Name, do func() error) error {
	for {
		err := s.changeOnce(ctx, rt, name, do)
		if !errors.Is(err, journal.ErrConflict) {
			return err
		}
		if err := s.Load(ctx); err != nil {
			return err
		}
	}
}

func (s *Settings) changeOnce(ctx context.Context, rt *Runtime, name Name, do func() error) error {
	rt.changing.Lock()
	defer rt.changing.Unlock()
	if rt.deleted {
		return fmt.Errorf("company %s was deleted: %w", rt.ID, journal.ErrNotFound)
	}
	if !s.Keep {
		return do()
	}
	c := s.codecs(rt)[name]
	restore := c.remember()
	if err := do(); err != nil {
		return err
	}
	data, err := c.encode()
	if err == nil {
		err = s.put(ctx, settingKey{rt.ID, name}, data)
	}
	if err != nil { // what isn't kept must not be in force
		return errors.Join(err, restore())
	}
	return nil
}

// put writes a setting; nil data takes it away. The error is journal.ErrConflict when another process was faster.
func (s *Settings) put(ctx context.Context, key settingKey, data []byte) error {
	known := s.known.of(key)
	if data == nil && known == 0 {
		return nil
	}
	rev, err := s.Journal.PutSetting(context.WithoutCancel(ctx), journal.Setting{
		Company: key.company, Name: string(key.name), Rev: known, Data: data,
	})
	if err != nil {
		return fmt.Errorf("keep %s of company %s: %w", key.name, key.company, err)
	}
	s.known.learn(key, rev, data == nil)
	return nil
}

// revisions are those of settings, by settingKey.
type revisions struct{ sync.Map }

// of returns a setting's revision, 0 when none is known.
func (r *revisions) of(key settingKey) uint64 {
	rev, _ := r.Load(key)
	known, _ := rev.(uint64)
	return known
}

func (r *revisions) learn(key settingKey, rev uint64, deleted bool) {
	if deleted {
		r.Delete(key)
	} else {
		r.Store(key, rev)
	}
}

// Exclusive makes the caller the only one, over all processes, who moves a company's clock, resets or restores it; company ""
// is for changes of the companies themselves. It also applies what others have changed before.
func (s *Settings) Exclusive(ctx context.Context, company string) (done func(), err error) {
	done, err = s.Journal.Lock(ctx, company)
	if err != nil {
		return nil, fmt.Errorf("wait for company %q: %w", company, err)
	}
	if err := s.Refresh(ctx); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// Load applies the settings that have changed since it was called last: companies first, because the other settings need them. One
// call does so for all that were there when it began: a thousand calls at once read the journal twice.
func (s *Settings) Load(ctx context.Context) error {
	before := s.begun.Load()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.loaded > before {
		return s.applied
	}
	begun := s.begun.Add(1)
	changed, err := s.Journal.Settings(ctx, journal.SettingQuery{After: s.upTo.Load()})
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	if s.loaded, s.applied = begun, nil; len(changed) == 0 {
		return nil
	}
	var errs []error
	for _, c := range changed {
		if Name(c.Name) == companySetting {
			errs = append(errs, s.applyCompany(c))
		}
	}
	for _, c := range changed {
		if Name(c.Name) != companySetting {
			errs = append(errs, s.applySetting(c))
		}
	}
	s.upTo.Store(changed[len(changed)-1].Rev)
	s.applied = errors.Join(errs...)
	return s.applied
}

// Refresh applies what other processes have changed up to now, when the journal is shared.
func (s *Settings) Refresh(ctx context.Context) error {
	if !s.shared() {
		return nil
	}
	return s.Load(ctx)
}

// Known is the revision up to which settings are in force here: journal.AnyRev when no other process puts any.
func (s *Settings) Known() uint64 {
	if !s.shared() {
		return journal.AnyRev
	}
	return s.upTo.Load()
}

// CatchUp is Refresh for a call. When that can't be read, the call goes on: it will meet the same journal, and report it in its own way.
func (s *Settings) CatchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.Within)
	defer cancel()
	if err := s.Refresh(ctx); err != nil {
		s.Log.Warn("other processes' changes", "error", err)
	}
}

// Refreshed makes a handler see what other processes have changed before the call came.
func (s *Settings) Refreshed(next http.Handler) http.Handler {
	if !s.shared() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.CatchUp(r.Context())
		next.ServeHTTP(w, r)
	})
}

// Watch applies what other processes change while no call comes, until ctx ends, so that the jobs of their companies have a
// worker here too.
func (s *Settings) Watch(ctx context.Context) {
	if !s.shared() {
		return
	}
	for {
		changed := s.Journal.Changed("")
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("other processes' changes", "error", err)
		}
		for _, c := range s.Directory.List() {
			s.Runtimes.Get(c.ID)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

package company

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

// Journal is what Settings needs of the journal.
type Journal interface {
	PutSetting(ctx context.Context, s journal.Setting) (rev uint64, err error)
	Settings(ctx context.Context, q journal.SettingQuery) ([]journal.Setting, error)
	Lock(ctx context.Context, company string) (unlock func(), err error)
	Changed(company string) <-chan struct{}
	Shared() bool
}

// Settings keeps the companies and the settings of their runtimes in the journal. With a journal that ends with the process
// nothing needs to be kept, and it only changes the runtimes. With one that other processes share, it applies what they have
// changed.
type Settings struct {
	journal   Journal
	on        bool // the journal outlives the process, or is shared
	sealer    sealer
	reader    backoffice.Reader
	directory *backoffice.Directory
	runtimes  *Runtimes
	log       *slog.Logger

	applying  sync.Mutex // one at a time applies what has changed
	revisions revisions
	within    time.Duration // see SettingsConfig
	refreshes refreshes
}

// SettingsConfig is what Settings works with.
type SettingsConfig struct {
	Journal   Journal
	Within    time.Duration // how long a call waits for what other processes have changed
	Keep      bool          // whether the journal outlives the process, or is shared
	Key       string        // the passphrase under which companies are sealed
	Reader    backoffice.Reader
	Directory *backoffice.Directory
	Runtimes  *Runtimes
	Log       *slog.Logger
}

// Sealed says whether a journal has companies, whose secrets are sealed.
func Sealed(ctx context.Context, j Journal) (bool, error) {
	all, err := j.Settings(ctx, journal.SettingQuery{})
	if err != nil {
		return false, fmt.Errorf("read settings: %w", err)
	}
	return slices.ContainsFunc(all, func(s journal.Setting) bool { return s.Name == string(companySetting) && s.Data != nil }), nil
}

// NewSettings makes a store of settings. It applies nothing yet: Load does.
func NewSettings(c SettingsConfig) (*Settings, error) {
	sealer, err := newSealer(c.Key)
	if err != nil {
		return nil, err
	}
	return &Settings{
		journal: c.Journal, on: c.Keep, sealer: sealer, reader: c.Reader, directory: c.Directory, runtimes: c.Runtimes, log: c.Log, within: c.Within,
		revisions: revisions{known: map[settingKey]uint64{}},
	}, nil
}

// Kept reports whether settings outlive the process.
func (s *Settings) Kept() bool { return s.on }

// shared reports whether other processes may change settings.
func (s *Settings) shared() bool { return s.on && s.journal.Shared() }

// Change lets do change one setting of a runtime and keeps what it is then. When another process was faster, its change is
// applied and do is called again.
func (s *Settings) Change(ctx context.Context, rt *Runtime, name Name, do func() error) error {
	if !s.on {
		return do()
	}
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
	if err := do(); err != nil {
		return err
	}
	data, err := s.codecs()[name].encode(rt)
	if err != nil {
		return fmt.Errorf("keep %s of company %s: %w", name, rt.ID, err)
	}
	return s.put(ctx, settingKey{rt.ID, name}, data)
}

// put writes a setting; nil data takes it away. The error is journal.ErrConflict when another process was faster.
func (s *Settings) put(ctx context.Context, key settingKey, data []byte) error {
	known := s.revisions.get(key)
	if data == nil && known == 0 {
		return nil
	}
	rev, err := s.journal.PutSetting(context.WithoutCancel(ctx), journal.Setting{
		Company: key.company, Name: string(key.name), Rev: known, Data: data,
	})
	if err != nil {
		return fmt.Errorf("keep %s of company %s: %w", key.name, key.company, err)
	}
	s.revisions.set(key, rev, data == nil)
	return nil
}

// Exclusive makes the caller the only one, over all processes, who moves a company's clock, resets or restores it; company ""
// is for changes of the companies themselves. It also applies what others have changed before.
func (s *Settings) Exclusive(ctx context.Context, company string) (done func(), err error) {
	done, err = s.journal.Lock(ctx, company)
	if err != nil {
		return nil, fmt.Errorf("wait for company %q: %w", company, err)
	}
	if err := s.Refresh(ctx); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// Load applies the settings that have changed since it was called last: companies first, because the other settings need them.
func (s *Settings) Load(ctx context.Context) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	changed, err := s.journal.Settings(ctx, journal.SettingQuery{After: s.revisions.applied()})
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	if len(changed) == 0 {
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
	s.revisions.setApplied(changed[len(changed)-1].Rev)
	return errors.Join(errs...)
}

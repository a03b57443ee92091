package company

import (
	"encoding/json"
	"fmt"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scenario"
)

// Name names a setting of a company.
type Name string

// The settings of a runtime; beside them the journal keeps the company's configuration.
const (
	ClockSetting     Name = "clock"
	ScenariosSetting Name = "scenarios"
	OutagesSetting   Name = "outages"
	InboxSetting     Name = "inbox"
	ResetsSetting    Name = "resets"

	companySetting Name = "company"
)

// codec writes one setting of a runtime, applies what was written, and remembers the setting as it is, to restore it. All are called
// with Runtime.changing held.
type codec struct {
	encode   func() ([]byte, error)
	apply    func(data []byte) error
	remember func() (restore func() error)
}

func (s *Settings) codecs(rt *Runtime) map[Name]codec {
	return map[Name]codec{
		ClockSetting: codecOf(rt.keptClock, rt.applyClock),
		ScenariosSetting: codecOf(rt.scenarios.State, func(state scenario.State) error {
			return s.Runtimes.AllScenarios(rt).SetState(s.Runtimes.files.Reader(), state)
		}),
		OutagesSetting: rt.Outages.codec(),
		InboxSetting:   rt.Inbox.codec(),
		ResetsSetting:  rt.Resets.codec(),
	}
}

// codecOf writes what read returns as JSON.
func codecOf[T any](read func() T, apply func(T) error) codec {
	return codec{
		encode: func() ([]byte, error) { return json.Marshal(read()) },
		apply: func(data []byte) error {
			var value T
			if err := json.Unmarshal(data, &value); err != nil {
				return err
			}
			return apply(value)
		},
		remember: func() func() error {
			value := read()
			return func() error { return apply(value) }
		},
	}
}

// keptClock is where a clock stood at an instant of the machine's clock.
type keptClock struct {
	Mode   clock.Mode `json:"mode"`
	Factor float64    `json:"factor"`
	Now    time.Time  `json:"now"`
	Wall   time.Time  `json:"wall"`
}

func (r *Runtime) keptClock() keptClock {
	mode, factor := r.Clock.Mode()
	return keptClock{mode, factor, r.Clock.Now(), clock.Wall().UTC()}
}

// applyClock sets a clock to where the kept one stands by now: a manual one has not moved, the others have gone on, also while
// no process ran.
func (r *Runtime) applyClock(kept keptClock) error {
	now := kept.Now
	switch passed := clock.Wall().Sub(kept.Wall); kept.Mode {
	case clock.Real:
		now = now.Add(passed)
	case clock.Scaled:
		now = now.Add(clock.Times(passed, kept.Factor))
	}
	return r.Clock.Restore(kept.Mode, kept.Factor, now)
}

// applySetting brings one setting to where another process, or this one before its restart, left it.
func (s *Settings) applySetting(kept journal.Setting) error {
	name := Name(kept.Name)
	if _, exists := s.Directory.Get(kept.Company); !exists {
		return nil // left over from a deleted company
	}
	rt := s.Runtimes.Get(kept.Company)
	c, known := s.codecs(rt)[name]
	if !known {
		return nil // of a later version
	}
	rt.changing.Lock()
	defer rt.changing.Unlock()
	key := settingKey{kept.Company, name}
	if kept.Rev <= s.known.of(key) {
		return nil
	}
	s.known.learn(key, kept.Rev, kept.Data == nil)
	if kept.Data == nil {
		return nil
	}
	defer rt.Alarm.Ring()
	if err := c.apply(kept.Data); err != nil {
		return fmt.Errorf("apply %s of company %s: %w", kept.Name, kept.Company, err)
	}
	return nil
}

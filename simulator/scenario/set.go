package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"

	"mozartosim/openapi"
)

// Set holds the scenarios of one company and counts what they have been through. It is safe for concurrent use.
//
// Scenarios that were put by the admin API come first, in the order in which they were put; behind them stand the loaded
// ones in the order of their files. One that was put hides a loaded one of the same name until it is deleted.
type Set struct {
	// Report, when set before the first use, hears of a condition that failed at run time (text compared with a number),
	// which counts as no match: once for each scenario.
	Report func(s *Scenario, err error)

	mu        sync.Mutex
	loaded    []*Scenario // shared with other sets, never changed
	put       []*Scenario
	deleted   map[string]bool // loaded ones that were deleted
	all       []*Scenario     // what is in force, in order
	active    []*Scenario     // those of them that apply by themselves
	byName    map[string]*Scenario
	overrides []*Scenario
	counters  map[string]*counter
}

// counter is what a scenario has been through.
type counter struct {
	matched  int // calls that matched all but nth; counted for scenarios with an nth
	applied  int // payments that it was applied to by itself; counted for scenarios with times
	reported bool
}

// maxOverrides and maxPut bound what the admin API can pile up.
const (
	maxOverrides = 1000
	maxPut       = 10_000
)

// ErrLimit says that there is no room for more.
var ErrLimit = errors.New("scenario: no room for more")

// NewSet makes a company's set of the loaded scenarios; sets may share the slice and what is in it.
func NewSet(loaded []*Scenario) *Set {
	s := &Set{loaded: loaded}
	s.arrange()
	return s
}

// arrange works out what is in force. The caller holds the lock.
func (s *Set) arrange() {
	s.byName = nil
	s.all = s.loaded
	if len(s.put) > 0 || len(s.deleted) > 0 {
		s.all = slices.Clone(s.put)
		for _, l := range s.loaded {
			if !s.deleted[l.Name] && !slices.ContainsFunc(s.put, named(l.Name)) {
				s.all = append(s.all, l)
			}
		}
	}
	s.active = nil
	for _, sc := range s.all {
		if !sc.Match.Named {
			s.active = append(s.active, sc)
		}
	}
}

func named(name string) func(*Scenario) bool {
	return func(s *Scenario) bool { return s.Name == name }
}

// find returns what is in force under a name, nil when nothing is. The index is made when it is first needed: most
// companies never name a scenario. The caller holds the lock.
func (s *Set) find(name string) *Scenario {
	if s.byName == nil {
		s.byName = make(map[string]*Scenario, len(s.all))
		for _, sc := range s.all {
			s.byName[sc.Name] = sc
		}
	}
	return s.byName[name]
}

// Put adds a scenario behind those that were put before, or replaces the one of its name; its counters begin anew unless
// it is the same as before. The error is ErrFull.
func (s *Set) Put(sc *Scenario) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.put, named(sc.Name))
	if i < 0 && len(s.put) >= maxPut {
		return fmt.Errorf("%w: %d have been put", ErrLimit, maxPut)
	}
	if before := s.find(sc.Name); before != nil && !same(before, sc) {
		delete(s.counters, sc.Name)
	}
	if i >= 0 {
		s.put = slices.Clone(s.put) // a List may have the old one
		s.put[i] = sc
	} else {
		s.put = append(slices.Clip(s.put), sc)
	}
	s.arrange()
	return nil
}

// Delete takes a scenario out of force: one that was put is gone, and the loaded one that it hid is back; a loaded one
// stays away until the next Replace. ok is false when there is none of that name.
func (s *Set) Delete(name string) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(name) == nil {
		return false
	}
	if i := slices.IndexFunc(s.put, named(name)); i >= 0 {
		s.put = slices.Delete(slices.Clone(s.put), i, i+1)
	} else {
		if s.deleted == nil {
			s.deleted = map[string]bool{}
		}
		s.deleted[name] = true
	}
	delete(s.counters, name)
	s.arrange()
	return true
}

// Get returns the scenario in force under a name. The error is *Unknown.
func (s *Set) Get(name string) (*Scenario, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(name, "")
}

func (s *Set) get(name, where string) (*Scenario, error) {
	if sc := s.find(name); sc != nil {
		return sc, nil
	}
	known := make([]string, len(s.all))
	for i, sc := range s.all {
		known[i] = sc.Name
	}
	return nil, &Unknown{Name: name, Similar: openapi.Similar(name, known), Where: where}
}

// List returns the scenarios in force, in order. The caller must not change the slice.
func (s *Set) List() []*Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clip(s.all)
}

// Replace puts freshly loaded scenarios in place of the loaded ones. Those that were put stay, and counters stay with
// scenarios that haven't changed.
func (s *Set) Replace(loaded []*Scenario) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := map[string]*Scenario{}
	for name := range s.counters {
		before[name] = s.find(name)
	}
	s.loaded, s.deleted = loaded, nil
	s.arrange()
	for name, was := range before {
		if now := s.find(name); now == nil || was == nil || !same(was, now) {
			delete(s.counters, name)
		}
	}
}

// same says whether two scenarios do the same.
func same(a, b *Scenario) bool {
	return a == b || a.source != nil && bytes.Equal(a.source, b.source)
}

// Override makes a scenario apply to the next payment that its match.psp, match.type and match.when hold for, before
// anything else and once; nth, times and chance don't count. Overrides wait in line. The error is ErrFull.
func (s *Set) Override(sc *Scenario) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.overrides) >= maxOverrides {
		return fmt.Errorf("%w: %d overrides are waiting", ErrLimit, maxOverrides)
	}
	s.overrides = append(s.overrides, sc)
	return nil
}

// OverrideNamed is Override with the scenario in force under a name. The error is *Unknown or ErrFull.
func (s *Set) OverrideNamed(name string) error {
	sc, err := s.Get(name)
	if err != nil {
		return err
	}
	return s.Override(sc)
}

// Overrides returns the overrides that wait, the next one first.
func (s *Set) Overrides() []*Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.overrides)
}

// Counting says whether a choice may change the set: an override is waiting, or a scenario counts.
func (s *Set) Counting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.overrides) > 0 || slices.ContainsFunc(s.active, func(sc *Scenario) bool {
		return sc.Match.Nth > 0 || sc.Times > 0
	})
}

// Reset forgets overrides, counters and what came by the admin API: the set is as it was made.
func (s *Set) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put, s.deleted, s.overrides, s.counters = nil, nil, nil, nil
	s.arrange()
}

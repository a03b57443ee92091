package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"mozartosim/openapi"
)

// Set is one company's scenarios; it counts how often they were used. It is safe for concurrent use.
//
// Scenarios that were put by the admin API come first, in the order in which they were put; the loaded ones follow in the
// order of their files. One that was put hides a loaded one of the same name until it is deleted.
type Set struct {
	// Report, when set before the first use, is called with a condition that failed at run time (text compared with a number)
	// and so counted as no match: once for each scenario.
	Report func(s *Scenario, err error)

	mu        sync.Mutex
	loaded    []*Scenario // shared with other sets, never changed
	put       []*Scenario
	deleted   map[string]bool // names of loaded ones that were deleted
	all       []*Scenario     // the active ones and those that apply only when they are named, in order
	active    []*Scenario     // those that apply without being named
	overrides []*Scenario
	counts    map[string]*counter // by the scenario's name
}

// Count is how often a scenario was used.
type Count struct {
	Matched int `json:"matched,omitempty"` // calls that matched everything but nth; counted only for scenarios with an nth
	Applied int `json:"applied,omitempty"` // payments that it applied to without being named; counted only with a times
}

type counter struct {
	Count
	reported bool // its condition failed, and Report was called
}

// maxOverrides and maxPut bound what the admin API can add.
const (
	maxOverrides = 1000
	maxPut       = 10_000
)

// ErrLimit means that a set is full.
var ErrLimit = errors.New("scenario: limit reached")

// NewSet makes a company's set of the loaded scenarios; sets may share the slice and what is in it.
func NewSet(loaded []*Scenario) *Set {
	s := &Set{loaded: loaded}
	s.arrange()
	return s
}

// arrange computes the scenarios in force. The caller holds the lock.
func (s *Set) arrange() {
	s.all = s.loaded
	if len(s.put) > 0 || len(s.deleted) > 0 {
		hidden := maps.Clone(s.deleted)
		if hidden == nil {
			hidden = map[string]bool{}
		}
		for _, sc := range s.put {
			hidden[sc.Name] = true
		}
		s.all = slices.Clone(s.put)
		for _, sc := range s.loaded {
			if !hidden[sc.Name] {
				s.all = append(s.all, sc)
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

// find returns the scenario in force under a name, nil when there is none. The caller holds the lock.
func (s *Set) find(name string) *Scenario {
	if i := slices.IndexFunc(s.all, named(name)); i >= 0 {
		return s.all[i]
	}
	return nil
}

// Put adds a scenario after those that were put before, or replaces the one of its name; its counts start from zero unless it
// is the same as before. The error is ErrLimit.
func (s *Set) Put(sc *Scenario) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.put, named(sc.Name))
	if i < 0 && len(s.put) >= maxPut {
		return fmt.Errorf("%w: %d scenarios have been put", ErrLimit, maxPut)
	}
	if before := s.find(sc.Name); before != nil && !same(before, sc) {
		delete(s.counts, sc.Name)
	}
	s.put = slices.Clone(s.put) // List may have returned the old one
	if i >= 0 {
		s.put[i] = sc
	} else {
		s.put = append(s.put, sc)
	}
	s.arrange()
	return nil
}

// Delete removes a scenario: one that was put is gone, and the loaded one that it hid is back; a loaded one stays away until
// the next Replace. ok is false when there is none of that name.
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
	delete(s.counts, name)
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

// Replace puts freshly loaded scenarios in place of the loaded ones. Those that were put stay, and so do the counts of
// scenarios that have not changed.
func (s *Set) Replace(loaded []*Scenario) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := map[string]*Scenario{}
	for name := range s.counts {
		before[name] = s.find(name)
	}
	s.loaded, s.deleted = loaded, nil
	s.arrange()
	for name, old := range before {
		if sc := s.find(name); sc == nil || old == nil || !same(old, sc) {
			delete(s.counts, name)
		}
	}
}

// same says whether two scenarios do the same.
func same(a, b *Scenario) bool {
	return a == b || a.source != nil && bytes.Equal(a.source, b.source)
}

// Override makes a scenario apply, once and before anything else, to the next payment that matches its match.psp, match.type
// and match.when; nth, times and chance don't count. Overrides form a queue. The error is ErrLimit.
func (s *Set) Override(sc *Scenario) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.overrides) >= maxOverrides {
		return fmt.Errorf("%w: %d overrides are waiting", ErrLimit, maxOverrides)
	}
	s.overrides = append(s.overrides, sc)
	return nil
}

// Overrides returns the overrides that wait, the next one first.
func (s *Set) Overrides() []*Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.overrides)
}

// Unset cancels the overrides that wait with the scenario of a name, or all of them when name is "", and returns how many.
func (s *Set) Unset(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.overrides)
	s.overrides = slices.DeleteFunc(s.overrides, func(sc *Scenario) bool { return name == "" || sc.Name == name })
	return before - len(s.overrides)
}

// Counting says whether a choice may change the set: an override is waiting, or a scenario is counted.
func (s *Set) Counting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.overrides) > 0 || slices.ContainsFunc(s.active, func(sc *Scenario) bool {
		return sc.Match.Nth > 0 || sc.Times > 0
	})
}

// Counts returns how often a scenario was used.
func (s *Set) Counts(name string) Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.countOf(name)
}

// countOf reads a scenario's count; count returns it to be changed. The caller holds the lock.
func (s *Set) countOf(name string) Count {
	if c := s.counts[name]; c != nil {
		return c.Count
	}
	return Count{}
}

func (s *Set) count(name string) *counter {
	if s.counts == nil {
		s.counts = map[string]*counter{}
	}
	if s.counts[name] == nil {
		s.counts[name] = &counter{}
	}
	return s.counts[name]
}

// Reset drops the overrides, the counts and what was put by the admin API: the set is as it was made.
func (s *Set) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put, s.deleted, s.overrides, s.counts = nil, nil, nil, nil
	s.arrange()
}

// State is all that a set has beyond the loaded scenarios, for snapshots. The zero value is that of a new set.
type State struct {
	Put       []json.RawMessage `json:"put,omitempty"`       // as they were written, in order
	Deleted   []string          `json:"deleted,omitempty"`   // loaded ones that were deleted
	Overrides []json.RawMessage `json:"overrides,omitempty"` // the next one first
	Counters  map[string]Count  `json:"counters,omitempty"`  // by the scenario's name
}

// State returns the set's state, without scenarios that no Reader made: they have no source.
func (s *Set) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{Put: sources(s.put), Overrides: sources(s.overrides), Deleted: slices.Sorted(maps.Keys(s.deleted))}
	for name := range s.counts {
		if c := s.countOf(name); c != (Count{}) {
			if state.Counters == nil {
				state.Counters = make(map[string]Count, len(s.counts))
			}
			state.Counters[name] = c
		}
	}
	return state
}

func sources(list []*Scenario) (texts []json.RawMessage) {
	for _, sc := range list {
		if sc.source != nil {
			texts = append(texts, sc.source)
		}
	}
	return texts
}

// SetState restores a state over the scenarios that are loaded now. The reader reads what had been put; when one of them is
// not valid, nothing is changed.
func (s *Set) SetState(r Reader, state State) error {
	put, err := r.documents(state.Put)
	if err != nil {
		return fmt.Errorf("restore scenarios: %w", err)
	}
	overrides, err := r.documents(state.Overrides)
	if err != nil {
		return fmt.Errorf("restore overrides: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put, s.overrides, s.deleted, s.counts = put, overrides, map[string]bool{}, nil
	for _, name := range state.Deleted {
		s.deleted[name] = true
	}
	s.arrange()
	for name, c := range state.Counters {
		if s.find(name) != nil {
			s.count(name).Count = Count{max(c.Matched, 0), max(c.Applied, 0)}
		}
	}
	return nil
}

func (r Reader) documents(texts []json.RawMessage) (list []*Scenario, err error) {
	for _, text := range texts {
		doc, err := openapi.Decode(text)
		if err != nil {
			return nil, err
		}
		sc, err := r.Document(doc)
		if err != nil {
			return nil, err
		}
		list = append(list, sc)
	}
	return list, nil
}

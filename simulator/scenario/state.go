package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"mozartosim/openapi"
)

// State is all that a set has beyond the loaded scenarios, for snapshots. The zero value is that of a new set.
type State struct {
	Put       []json.RawMessage `json:"put,omitempty"`       // as they were written, in order
	Deleted   []string          `json:"deleted,omitempty"`   // loaded ones that were deleted
	Overrides []json.RawMessage `json:"overrides,omitempty"` // the next one first
	Counters  map[string]Count  `json:"counters,omitempty"`  // by the scenario's name
}

// Count is what a scenario has been through.
type Count struct {
	Matched int `json:"matched,omitempty"` // calls that matched all but nth
	Applied int `json:"applied,omitempty"` // payments that it was applied to by itself, of its times
}

// State returns the set's state. Scenarios that no Reader made are left out: only what was written can be written down.
func (s *Set) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{Put: sources(s.put), Overrides: sources(s.overrides), Deleted: slices.Sorted(maps.Keys(s.deleted))}
	for name, c := range s.counters {
		if count := (Count{c.matched, c.applied}); count != (Count{}) {
			if state.Counters == nil {
				state.Counters = map[string]Count{}
			}
			state.Counters[name] = count
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

// SetState puts a state back over the scenarios that are loaded now. The reader reads what had been put; when something
// doesn't hold, nothing is changed.
func (s *Set) SetState(r Reader, state State) error {
	put, err := r.texts(state.Put)
	if err != nil {
		return fmt.Errorf("restore scenarios: %w", err)
	}
	overrides, err := r.texts(state.Overrides)
	if err != nil {
		return fmt.Errorf("restore overrides: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put, s.overrides, s.deleted, s.counters = put, overrides, nil, nil
	for _, name := range state.Deleted {
		if s.deleted == nil {
			s.deleted = map[string]bool{}
		}
		s.deleted[name] = true
	}
	s.arrange()
	for name, count := range state.Counters {
		if sc := s.find(name); sc != nil {
			c := s.counter(sc)
			c.matched, c.applied = max(count.Matched, 0), max(count.Applied, 0)
		}
	}
	return nil
}

func (r Reader) texts(texts []json.RawMessage) (list []*Scenario, err error) {
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

// Counts returns what a scenario has been through, for lists and reports.
func (s *Set) Counts(name string) Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.counters[name]; c != nil {
		return Count{c.matched, c.applied}
	}
	return Count{}
}

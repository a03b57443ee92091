package scenario

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/random"
)

// Request is what Choose needs of a cashier call.
type Request struct {
	PSP, Type         string
	Document          openapi.Document
	Header            string // Mozartosim-Scenario
	MerchantReference string
	HasTestData       bool // test data decides the outcome, so scenarios that are not named don't apply
}

// Why a scenario was chosen.
const (
	ByOverride  = "override"
	ByHeader    = "header"
	ByReference = "merchantReference"
	ByMatch     = "match"
)

// ReferencePrefix makes a merchantReference name a scenario.
const ReferencePrefix = "sim:"

// Choose decides which scenario a payment gets; nil means none. In order: the next override that fits, the scenario that the
// header names, the one that the merchantReference names, the first other one that matches.
//
// A named one must be for such a payment (psp, type); when, nth, times and chance don't count for it. The error is *Unknown or
// *Mismatch, and then nothing has been counted. Otherwise every call counts for the nth of every scenario that it matches,
// whatever was chosen, while times counts only the payments that a scenario got without being named. Chances are drawn in
// order, one for each scenario that is reached, so that the same stream always gives the same choice.
func (s *Set) Choose(q Request, draw *random.Stream) (chosen *Scenario, why string, err error) {
	var reports []func()
	defer func() { // without the lock
		for _, report := range reports {
			report()
		}
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	byName, why, err := s.named(q)
	if err != nil {
		return nil, "", err
	}
	fits := func(sc *Scenario) bool {
		ok, err := sc.Match.fits(q)
		if err != nil && s.Report != nil && !s.count(sc.Name).reported {
			s.count(sc.Name).reported = true
			reports = append(reports, func() { s.Report(sc, err) })
		}
		return ok
	}
	nth := s.countNth(fits)
	if i := slices.IndexFunc(s.overrides, fits); i >= 0 {
		chosen = s.overrides[i]
		s.overrides = slices.Delete(s.overrides, i, i+1)
		return chosen, ByOverride, nil
	}
	if byName != nil || q.HasTestData {
		return byName, why, nil
	}
	if chosen = s.first(fits, nth, draw); chosen != nil {
		return chosen, ByMatch, nil
	}
	return nil, "", nil
}

// named returns the scenario that the header or the merchantReference names, nil when they name none.
func (s *Set) named(q Request) (sc *Scenario, why string, err error) {
	name, where, why := q.Header, "Mozartosim-Scenario", ByHeader
	if name == "" {
		reference, found := strings.CutPrefix(q.MerchantReference, ReferencePrefix)
		if !found {
			return nil, "", nil
		}
		name, where, why = reference, "merchantReference", ByReference
	}
	if sc, err = s.get(name, where); err != nil {
		return nil, "", err
	}
	if !sc.Match.isFor(q) {
		return nil, "", &Mismatch{Name: sc.Name, PSP: sc.Match.PSP, Type: sc.Match.Type, Where: where}
	}
	return sc, why, nil
}

func (m *Match) isFor(q Request) bool {
	return (m.PSP == "" || m.PSP == q.PSP) && (m.Type == "" || m.Type == q.Type)
}

// fits says whether a call matches psp, type and when. The error is when's.
func (m *Match) fits(q Request) (bool, error) {
	if !m.isFor(q) {
		return false, nil
	}
	if m.When == nil {
		return true, nil
	}
	return m.When.Match(q.Document.Fields)
}

// countNth counts the call for every scenario with an nth that it fits, and returns those whose nth call it is. A scenario
// that had its nth call is not counted any more.
func (s *Set) countNth(fits func(*Scenario) bool) (nth []*Scenario) {
	for _, sc := range s.active {
		if sc.Match.Nth == 0 || s.countOf(sc.Name).Matched >= sc.Match.Nth || !fits(sc) {
			continue
		}
		c := s.count(sc.Name)
		if c.Matched++; c.Matched == sc.Match.Nth {
			nth = append(nth, sc)
		}
	}
	return nth
}

// first returns the first scenario that matches, has times left and wins its chance.
func (s *Set) first(fits func(*Scenario) bool, nth []*Scenario, draw *random.Stream) *Scenario {
	for _, sc := range s.active {
		if sc.Times > 0 && s.countOf(sc.Name).Applied >= sc.Times {
			continue
		}
		if sc.Match.Nth > 0 && !slices.Contains(nth, sc) || sc.Match.Nth == 0 && !fits(sc) {
			continue
		}
		if sc.Chance > 0 && sc.Chance < 1 && draw.Float64() >= sc.Chance {
			continue
		}
		if sc.Times > 0 {
			s.count(sc.Name).Applied++
		}
		return sc
	}
	return nil
}

// Unknown is a name that no scenario has.
type Unknown struct {
	Name    string
	Similar []string // names that may have been meant, the closest first
	Where   string   // what named it, "Mozartosim-Scenario" or "merchantReference"; "" outside of a cashier call
}

func (e *Unknown) Error() string {
	text := fmt.Sprintf("there is no scenario %q", openapi.Shorten(e.Name))
	if e.Where != "" {
		text = fmt.Sprintf("%s must name a scenario: %s", e.Where, text)
	}
	if len(e.Similar) > 0 {
		text += ", close matches are " + strings.Join(e.Similar, ", ")
	}
	return text
}

// Mismatch is a scenario that was named for a payment that it isn't for.
type Mismatch struct {
	Name      string
	PSP, Type string // what the scenario is for, "" for all
	Where     string // what named it
}

func (e *Mismatch) Error() string {
	return fmt.Sprintf("%s must fit the payment: scenario %s is for %s", e.Where, e.Name, strings.TrimSpace(e.PSP+" "+e.Type))
}

package scenario

import (
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/random"
)

// Request is what Choose sees of a cashier call.
type Request struct {
	PSP, Type         string
	Document          openapi.Document
	Header            string // Mozartosim-Scenario
	MerchantReference string
	HasTestData       bool // a test card, voucher, name or amount decides: loaded scenarios stand back
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

// Choose decides which scenario a payment gets; nil stands for none. In order: the next override that fits, the scenario
// that the header names, the one that the merchantReference names, the first loaded one that matches.
//
// A named one must be for such a payment (psp, type); when, nth, times and chance don't count for it. The error is
// *Unknown or *Mismatch, and then nothing has been counted. Otherwise every call counts for the nth of every scenario that
// matches it, whatever was chosen, while times counts only what a scenario got by itself. Chances are drawn in order, one
// for each scenario that is reached, so that the same stream always gives the same choice.
func (s *Set) Choose(q Request, draw *random.Stream) (chosen *Scenario, why string, err error) {
	var failed []failure
	defer func() { s.report(failed) }()
	s.mu.Lock()
	defer s.mu.Unlock()
	named, by, err := s.named(q)
	if err != nil {
		return nil, "", err
	}
	c := choice{set: s, request: q, failed: &failed}
	turn := c.count()
	if i := slices.IndexFunc(s.overrides, c.fits); i >= 0 {
		chosen = s.overrides[i]
		s.overrides = slices.Delete(s.overrides, i, i+1)
		return chosen, ByOverride, nil
	}
	if named != nil {
		return named, by, nil
	}
	if q.HasTestData {
		return nil, "", nil
	}
	if chosen = c.walk(turn, draw); chosen != nil {
		return chosen, ByMatch, nil
	}
	return nil, "", nil
}

// named returns the scenario that the header or the merchantReference names.
func (s *Set) named(q Request) (chosen *Scenario, why string, err error) {
	name, where, why := q.Header, "Mozartosim-Scenario", ByHeader
	if name == "" {
		reference, found := strings.CutPrefix(q.MerchantReference, ReferencePrefix)
		if !found {
			return nil, "", nil
		}
		name, where, why = reference, "merchantReference", ByReference
	}
	sc, err := s.get(name, where)
	if err != nil {
		return nil, "", err
	}
	if !sc.Match.isFor(q.PSP, q.Type) {
		return nil, "", &Mismatch{Name: sc.Name, PSP: sc.Match.PSP, Type: sc.Match.Type, Where: where}
	}
	return sc, why, nil
}

func (m *Match) isFor(psp, flow string) bool {
	return (m.PSP == "" || m.PSP == psp) && (m.Type == "" || m.Type == flow)
}

// choice is one run of Choose.
type choice struct {
	set     *Set
	request Request
	failed  *[]failure
}

// failure is a condition that failed at run time.
type failure struct {
	scenario *Scenario
	err      error
}

// fits says whether psp, type and when hold.
func (c choice) fits(sc *Scenario) bool {
	if !sc.Match.isFor(c.request.PSP, c.request.Type) {
		return false
	}
	if sc.Match.When == nil {
		return true
	}
	holds, err := sc.Match.When.Match(c.request.Document.Fields)
	if err != nil {
		*c.failed = append(*c.failed, failure{sc, err})
	}
	return holds
}

// count counts the call for every scenario with an nth, and returns those whose call this is. One whose turn is over isn't
// looked at any more.
func (c choice) count() (turn map[*Scenario]bool) {
	for _, sc := range c.set.active {
		nth := sc.Match.Nth
		if nth == 0 || c.set.matched(sc) >= nth || !c.fits(sc) {
			continue
		}
		counter := c.set.counter(sc)
		if counter.matched++; counter.matched == nth {
			if turn == nil {
				turn = map[*Scenario]bool{}
			}
			turn[sc] = true
		}
	}
	return turn
}

// walk returns the first scenario that matches, has times left and wins its chance.
func (c choice) walk(turn map[*Scenario]bool, draw *random.Stream) *Scenario {
	for _, sc := range c.set.active {
		if sc.Times > 0 && c.set.applied(sc) >= sc.Times {
			continue
		}
		if sc.Match.Nth > 0 && !turn[sc] || sc.Match.Nth == 0 && !c.fits(sc) {
			continue
		}
		if sc.Chance > 0 && sc.Chance < 1 && draw.Float64() >= sc.Chance {
			continue
		}
		if sc.Times > 0 {
			c.set.counter(sc).applied++
		}
		return sc
	}
	return nil
}

// counter returns a scenario's counter to write to.
func (s *Set) counter(sc *Scenario) *counter {
	if s.counters == nil {
		s.counters = map[string]*counter{}
	}
	if s.counters[sc.Name] == nil {
		s.counters[sc.Name] = &counter{}
	}
	return s.counters[sc.Name]
}

func (s *Set) matched(sc *Scenario) int {
	if counter := s.counters[sc.Name]; counter != nil {
		return counter.matched
	}
	return 0
}

func (s *Set) applied(sc *Scenario) int {
	if counter := s.counters[sc.Name]; counter != nil {
		return counter.applied
	}
	return 0
}

// report tells of failed conditions, each scenario's once. It takes the lock only to find out which are new.
func (s *Set) report(failed []failure) {
	if len(failed) == 0 || s.Report == nil {
		return
	}
	s.mu.Lock()
	var fresh []failure
	for _, f := range failed {
		if counter := s.counter(f.scenario); !counter.reported {
			counter.reported = true
			fresh = append(fresh, f)
		}
	}
	s.mu.Unlock()
	for _, f := range fresh {
		s.Report(f.scenario, f.err)
	}
}

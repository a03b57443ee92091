package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scenario"
)

// The parts of a company's run time that are kept as notes, by their notes' names.
const (
	partClock     = "clock"
	partScenarios = "scenarios"
	partOutages   = "outages"
	partInbox     = "inbox"
	partRewinds   = "rewinds"
)

// part says how one part of a company's run time is written down, and taken over from what was written. Both are called with
// the tenant's keeping lock held.
type part struct {
	write func(t *tenant) ([]byte, error)
	read  func(t *tenant, data []byte) error
}

func (s *Simulator) parts() map[string]part {
	return map[string]part{
		partClock:     {writeClock, readClock},
		partScenarios: {writeScenarios, s.readScenarioState},
		partOutages:   {writeOutages, readOutages},
		partInbox:     {writeInbox, readInbox},
		partRewinds:   {writeRewinds, readRewinds},
	}
}

// clockNote is where a clock stood at an instant of the machine's clock.
type clockNote struct {
	Mode   clock.Mode `json:"mode"`
	Factor float64    `json:"factor"`
	Now    time.Time  `json:"now"`
	Wall   time.Time  `json:"wall"`
}

func writeClock(t *tenant) ([]byte, error) {
	mode, factor := t.clock.Mode()
	return json.Marshal(clockNote{mode, factor, t.clock.Now(), clock.Wall().UTC()})
}

// readClock sets a clock to where the noted one stands by now: a manual one has not moved, the others have gone on, also
// while no process ran.
func readClock(t *tenant, data []byte) error {
	var n clockNote
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	now := n.Now
	switch passed := clock.Wall().Sub(n.Wall); n.Mode {
	case clock.Real:
		now = now.Add(passed)
	case clock.Scaled:
		now = now.Add(time.Duration(float64(passed) * n.Factor))
	}
	return t.clock.Restore(n.Mode, n.Factor, now)
}

func writeScenarios(t *tenant) ([]byte, error) { return json.Marshal(t.scenarios.State()) }

func (s *Simulator) readScenarioState(t *tenant, data []byte) error {
	var state scenario.State
	if err := json.Unmarshal(data, &state); err != nil {
		return err
	}
	return s.allScenarios(t).SetState(s.scenarioReader(), state)
}

func writeOutages(t *tenant) ([]byte, error) { return json.Marshal(t.outages.list(t.clock.Now())) }

func readOutages(t *tenant, data []byte) error {
	var all []OutageNow
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	t.outages.replace(all)
	return nil
}

func writeInbox(t *tenant) ([]byte, error) { return json.Marshal(t.inbox.left()) }

func readInbox(t *tenant, data []byte) error {
	var program []InboxReply
	if err := json.Unmarshal(data, &program); err != nil {
		return err
	}
	t.inbox.set(program)
	return nil
}

// rewindsNote tells followers in other processes that the journal was set back.
type rewindsNote struct {
	Times int    `json:"times"`
	To    uint64 `json:"to"`
}

func writeRewinds(t *tenant) ([]byte, error) {
	times, to := t.wasRewound()
	return json.Marshal(rewindsNote{times, to})
}

func readRewinds(t *tenant, data []byte) error {
	var n rewindsNote
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	t.setRewinds(n.Times, n.To)
	return nil
}

// takeOverPart brings one part of a company to where another process, or this one before its restart, left it.
func (s *Simulator) takeOverPart(n journal.Setting) error {
	p, ok := s.parts()[n.Name]
	if _, there := s.companies.Get(n.Company); !ok || !there {
		return nil // a part that a later version keeps, or what is left of a company
	}
	t := s.tenant(n.Company)
	t.keeping.Lock()
	defer t.keeping.Unlock()
	place := notePlace{n.Company, n.Name}
	if n.Rev <= s.book.known(place) {
		return nil
	}
	s.book.learn(place, n.Rev, n.Data == nil)
	if n.Data == nil {
		return nil
	}
	defer t.nudge()
	if err := p.read(t, n.Data); err != nil {
		return fmt.Errorf("take over %s of company %s: %w", n.Name, n.Company, err)
	}
	return nil
}

// companyNote is a company as it is kept, sealed.
type companyNote struct {
	Place   int                `json:"place"` // the companies' order
	Company backoffice.Company `json:"company"`
}

// SaveCompany implements backoffice.Store: a company is kept before anybody can see it, nil when it is gone. The error is a
// conflict when another process changed it meanwhile.
func (s *Simulator) SaveCompany(id string, c *backoffice.Company, order int) error {
	if !s.book.on {
		return nil
	}
	place := notePlace{id, noteCompany}
	if c == nil {
		return s.dropNotes(id)
	}
	text, err := json.Marshal(companyNote{order, *c})
	if err != nil {
		return fmt.Errorf("keep company %s: %w", c.Name, err)
	}
	fresh := s.book.known(place) == 0
	sealed, err := s.book.sealer.seal(text, id)
	if err != nil {
		return err
	}
	err = s.book.put(context.Background(), place, sealed)
	if errors.Is(err, journal.ErrConflict) {
		return &ChangedElsewhere{Company: c.Name}
	}
	if err != nil || !fresh {
		return err
	}
	// Its clock must stand at the same time everywhere, from the beginning.
	err = s.keepOnce(context.Background(), s.tenant(id), partClock, func() error { return nil })
	if errors.Is(err, journal.ErrConflict) { // it does already
		return nil
	}
	return err
}

// dropNotes takes away all that is kept of a company.
func (s *Simulator) dropNotes(id string) error {
	errs := []error{s.book.put(context.Background(), notePlace{id, noteCompany}, nil)}
	for name := range s.parts() {
		errs = append(errs, s.book.put(context.Background(), notePlace{id, name}, nil))
	}
	return errors.Join(errs...)
}

// ChangedElsewhere says that another process changed a company at the same time.
type ChangedElsewhere struct{ Company string }

func (e *ChangedElsewhere) Error() string {
	return fmt.Sprintf("company %s was changed by another process just now: read it and try again", e.Company)
}

// Conflicts marks it as a matter of how things stand, not of the request.
func (*ChangedElsewhere) Conflicts() {}

// takeOverCompany puts a company as it was kept into the directory, or takes it out.
func (s *Simulator) takeOverCompany(n journal.Setting) error {
	place := notePlace{n.Company, noteCompany}
	if n.Rev <= s.book.known(place) {
		return nil
	}
	s.book.learn(place, n.Rev, n.Data == nil)
	if n.Data == nil {
		s.companies.Remove(n.Company)
		s.dismiss(n.Company)
		return nil
	}
	text, err := s.book.sealer.open(n.Data, n.Company)
	if err != nil {
		return fmt.Errorf("company %s: %w: start with the data key that it was kept with (--data-key)", n.Company, err)
	}
	var kept struct {
		Place   int             `json:"place"`
		Company json.RawMessage `json:"company"`
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return fmt.Errorf("company %s: %w", n.Company, err)
	}
	c, err := s.readCompany(kept.Company)
	if err != nil {
		return fmt.Errorf("company %s was kept but does not hold any more: %w", n.Company, err)
	}
	s.companies.Insert(c, kept.Place)
	return nil
}

// readCompany reads a company as it was written, held against the contract as any other.
func (s *Simulator) readCompany(text []byte) (backoffice.Company, error) {
	doc, err := openapi.Decode(text)
	if err != nil {
		return backoffice.Company{}, err
	}
	created := doc.Text("created")
	delete(doc.Fields, "created")
	c, err := s.reader.Company(doc)
	if err != nil {
		return c, err
	}
	c.Created, err = time.Parse(time.RFC3339Nano, created)
	return c, err
}

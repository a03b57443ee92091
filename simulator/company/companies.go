package company

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// keptCompany is a company's configuration as it is kept, sealed.
type keptCompany struct {
	Place   int                `json:"place"` // the companies' order
	Company backoffice.Company `json:"company"`
	Former  map[string]string  `json:"former,omitempty"` // Company.Former
}

// ChangedElsewhere says that another process changed a company at the same time.
type ChangedElsewhere struct{ Company string }

func (e *ChangedElsewhere) Error() string {
	return fmt.Sprintf("company %s was changed by another process just now: read it and try again", e.Company)
}

// Conflicts marks it as a conflict with the state, not an error in the request.
func (*ChangedElsewhere) Conflicts() {}

// Begin fills the directory at the start: with what is kept, and over it the companies that file configures. Without a file those are
// for a simulator that keeps none; leftOut says that it does.
func (s *Settings) Begin(ctx context.Context, configured []backoffice.Company, file string) (leftOut bool, err error) {
	done, err := s.Journal.Lock(ctx, "") // processes that share a journal may start together
	if err != nil {
		return false, err
	}
	defer done()
	if s.Keep {
		if err := s.Load(ctx); err != nil {
			return false, fmt.Errorf("data: %w", err)
		}
	}
	if file == "" && len(s.Directory.List()) > 0 {
		return true, nil
	}
	for _, c := range configured {
		if err := s.configure(c); err != nil {
			return false, fmt.Errorf("%s: company %q: %w", file, c.Name, err)
		}
	}
	return false, nil
}

// configure puts a configured company, in the place of the kept one of its name.
func (s *Settings) configure(c backoffice.Company) error {
	name := cmp.Or(c.ID, c.Name)
	if kept, ok := s.Directory.Get(name); ok && c.ID == "" {
		c.ID, c.Created = kept.ID, kept.Created
	}
	put, err := s.Directory.Put(c, clock.Wall())
	if err != nil {
		return err
	}
	for _, w := range put.Warnings() {
		s.Log.Warn("probably not meant", "company", put.Name, "warning", w)
	}
	return nil
}

// SaveCompany implements backoffice.Store: a company is kept before any call can see it; nil deletes it. The error is a
// *ChangedElsewhere when another process changed it meanwhile.
func (s *Settings) SaveCompany(id string, c *backoffice.Company, order int) error {
	if !s.Keep {
		return nil
	}
	if c == nil {
		return s.deleteAll(id)
	}
	text, err := json.Marshal(keptCompany{order, *c, c.Former})
	if err != nil {
		return fmt.Errorf("keep company %s: %w", c.Name, err)
	}
	key := settingKey{id, companySetting}
	isNew := s.known.of(key) == 0
	err = s.put(context.Background(), key, s.aead.Seal(nil, nil, text, []byte(id))) //nolint:gosec // the cipher makes a nonce of its own
	if errors.Is(err, journal.ErrConflict) {
		return &ChangedElsewhere{Company: c.Name}
	}
	if err != nil || !isNew {
		return err
	}
	rt := s.Runtimes.begin(id)
	rt.revive()
	// Its clock must stand at the same time in every process, from the beginning.
	err = s.changeOnce(context.Background(), rt, ClockSetting, func() error { return nil })
	if err == nil || errors.Is(err, journal.ErrConflict) { // it does already
		return nil
	}
	return errors.Join(err, s.put(context.Background(), key, nil)) // a company is kept whole, or not
}

// deleteAll takes away all that is kept of a company. Whoever has its runtime in hand, such as an advance of its clock, can keep
// nothing of it after that.
func (s *Settings) deleteAll(id string) error {
	rt := s.Runtimes.begin(id)
	rt.changing.Lock()
	defer rt.changing.Unlock()
	errs := []error{s.put(context.Background(), settingKey{id, companySetting}, nil)}
	for name := range s.codecs(rt) {
		errs = append(errs, s.put(context.Background(), settingKey{id, name}, nil))
	}
	err := errors.Join(errs...)
	rt.deleted = err == nil
	return err
}

// applyCompany puts a kept company into the directory, or takes it out.
func (s *Settings) applyCompany(kept journal.Setting) error {
	key := settingKey{kept.Company, companySetting}
	if kept.Rev <= s.known.of(key) {
		return nil
	}
	s.known.learn(key, kept.Rev, kept.Data == nil)
	if kept.Data == nil {
		s.Directory.Remove(kept.Company)
		rt := s.Runtimes.Get(kept.Company)
		rt.changing.Lock()
		rt.deleted = true
		rt.changing.Unlock()
		s.Runtimes.Remove(kept.Company)
		return nil
	}
	text, err := s.aead.Open(nil, nil, kept.Data, []byte(kept.Company))
	if err != nil {
		return fmt.Errorf("company %s: it was sealed with another key: start with the data key that it was kept with (--data-key)", kept.Company)
	}
	var doc struct {
		Place   int               `json:"place"`
		Company json.RawMessage   `json:"company"`
		Former  map[string]string `json:"former"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("company %s: %w", kept.Company, err)
	}
	c, err := readCompany(s.Reader, doc.Company)
	if err != nil {
		return fmt.Errorf("company %s was kept but is not valid any more: %w", kept.Company, err)
	}
	c.Former = doc.Former
	s.Directory.Insert(c, doc.Place)
	return nil
}

// readCompany reads a kept company, checked against the contract as any other.
func readCompany(reader backoffice.Reader, text []byte) (backoffice.Company, error) {
	doc, err := openapi.Decode(text)
	if err != nil {
		return backoffice.Company{}, err
	}
	created := doc.Text("created")
	delete(doc.Fields, "created")
	c, err := reader.Company(doc)
	if err != nil {
		return c, err
	}
	c.Created, err = time.Parse(time.RFC3339Nano, created)
	return c, err
}

package control

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
)

// company finds a company by id or name; "" is the demo company, the first one.
func (s *server) company(idOrName string) (*backoffice.Company, error) {
	if idOrName != "" {
		if c, ok := s.Companies.Get(idOrName); ok {
			return c, nil
		}
		return nil, notFound("there is no company %s", idOrName)
	}
	all := s.Companies.List()
	if len(all) == 0 {
		return nil, notFound("there is no company at all")
	}
	return all[0], nil
}

func (s *server) listCompanies(r *request) (reply, error) {
	all := s.Companies.List()
	from, err := startOf(all, r.query["cursor"])
	if err != nil {
		return reply{}, err
	}
	limit, err := strconv.Atoi(r.query["limit"])
	if err != nil {
		return reply{}, err
	}
	page, next := all[from:], ""
	if len(page) > limit {
		page, next = page[:limit], page[limit].ID
	}
	shown := make([]companyShown, len(page))
	for i, c := range page {
		if shown[i], err = s.show(c, r.reveal()); err != nil {
			return reply{}, err
		}
	}
	return ok(map[string]any{"companies": shown, "next": next})
}

// startOf finds the place where a page begins. The cursor is the id of the page's first company, so that whoever deletes
// the companies of one page before asking for the next misses none.
func startOf(all []*backoffice.Company, cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	for i, c := range all {
		if c.ID == cursor {
			return i, nil
		}
	}
	return 0, invalid("the cursor leads nowhere: its company is gone, list again from the start")
}

// inTurn lets one at a time change companies.
func inTurn() func(context.Context) (func(), error) {
	turn := make(chan struct{}, 1)
	return func(ctx context.Context) (func(), error) {
		select {
		case turn <- struct{}{}:
			return func() { <-turn }, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *server) createCompany(r *request) (reply, error) {
	doc, err := r.body()
	if err != nil {
		return reply{}, err
	}
	if err := s.unmask(doc, nil); err != nil {
		return reply{}, err
	}
	c, err := s.Reader.Company(doc)
	if err != nil {
		return reply{}, err
	}
	done, err := s.Alone(r.Context())
	if err != nil {
		return reply{}, err
	}
	defer done()
	created, err := s.Companies.Add(c, s.Now(c.ID))
	if err != nil {
		return reply{}, err
	}
	shown, err := s.show(created, r.reveal())
	shown.Credentials = created.Credentials // in clear this once
	return reply{status: http.StatusCreated, body: shown, location: at(created)}, err
}

func (s *server) readCompany(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	return s.shown(c, r)
}

func (s *server) shown(c *backoffice.Company, r *request) (reply, error) {
	shown, err := s.show(c, r.reveal())
	if err != nil {
		return reply{}, err
	}
	return ok(shown)
}

func (s *server) replaceCompany(r *request) (reply, error) {
	return s.exchange(r, nil, func(_ *backoffice.Company, sent openapi.Document) (openapi.Document, error) { return sent, nil })
}

func (s *server) patchCompany(r *request) (reply, error) {
	return s.exchange(r, []string{"application/merge-patch+json"}, patched)
}

// exchange puts another company in the place of one. input makes what a POST would have sent for it.
func (s *server) exchange(
	r *request, types []string, input func(*backoffice.Company, openapi.Document) (openapi.Document, error),
) (reply, error) {
	sent, err := r.body(types...)
	if err != nil {
		return reply{}, err
	}
	changed, err := s.change(r, func(current backoffice.Company) (backoffice.Company, error) {
		doc, err := input(&current, sent)
		if err != nil {
			return current, err
		}
		if err := s.unmask(doc, &current); err != nil {
			return current, err
		}
		next, err := s.Reader.Company(doc)
		if err != nil {
			return current, err
		}
		return next, inherit(&next, &current)
	})
	if err != nil {
		return reply{}, err
	}
	return s.shown(changed, r)
}

// inherit gives a company what stays when it takes another's place.
func inherit(next, current *backoffice.Company) error {
	if next.ID != "" && next.ID != current.ID {
		return &openapi.Invalid{Problems: []string{fmt.Sprintf("id must be %s: it can't be changed", current.ID)}}
	}
	next.ID, next.Created = current.ID, current.Created
	if next.Credentials.APIKey == "" {
		next.Credentials.APIKey = current.Credentials.APIKey
	}
	if next.Credentials.SecretKey == "" {
		next.Credentials.SecretKey = current.Credentials.SecretKey
	}
	if next.Seed == 0 {
		next.Seed = current.Seed
	}
	return nil
}

// change puts what edit makes of a company in its place. edit gets a copy, whose maps and slices it must not write to.
func (s *server) change(r *request, edit func(backoffice.Company) (backoffice.Company, error)) (*backoffice.Company, error) {
	done, err := s.Alone(r.Context())
	if err != nil {
		return nil, err
	}
	defer done()
	current, err := s.company(r.path["company"])
	if err != nil {
		return nil, err
	}
	next, err := edit(*current)
	if err != nil {
		return nil, err
	}
	if err := s.hold(&next); err != nil {
		return nil, err
	}
	return s.Companies.Put(next, current.Created)
}

// hold checks a changed company as a whole, since a change of a part may break a bound of the whole (the number of rules).
func (s *server) hold(c *backoffice.Company) error {
	doc, err := asInput(c)
	if err != nil {
		return err
	}
	if problems := s.Reader.Control.Problems("CompanyInput", doc); problems != nil {
		return &openapi.Invalid{Problems: problems}
	}
	return nil
}

// asInput writes a company as it might have been sent.
func asInput(c *backoffice.Company) (openapi.Document, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return openapi.Document{}, fmt.Errorf("write company %s: %w", c.Name, err)
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return openapi.Document{}, fmt.Errorf("read company %s: %v", c.Name, err) // no fault of the caller's body
	}
	delete(doc.Fields, "created")
	return doc, nil
}

func (s *server) deleteCompany(r *request) (reply, error) {
	done, err := s.Alone(r.Context())
	if err != nil {
		return reply{}, err
	}
	defer done()
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	if _, err := s.Companies.Delete(c.ID); err != nil {
		return reply{}, err
	}
	n, err := s.Reset(r.Context(), c.ID)
	if err != nil {
		return reply{}, fmt.Errorf("forget the payments of %s: %w", c.Name, err)
	}
	return ok(map[string]any{"deleted": c.ID, "payments": n})
}

// patched applies a JSON merge patch (RFC 7396) to a company.
func patched(current *backoffice.Company, patch openapi.Document) (openapi.Document, error) {
	doc, err := asInput(current)
	return openapi.Document{Fields: merge(doc.Fields, patch.Fields)}, err
}

func merge(target, patch map[string]any) map[string]any {
	merged := maps.Clone(target)
	if merged == nil {
		merged = map[string]any{}
	}
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(merged, name)
		case map[string]any:
			below, _ := merged[name].(map[string]any)
			merged[name] = merge(below, value)
		default:
			merged[name] = value
		}
	}
	return merged
}

// at makes the path of something that belongs to a company.
func at(c *backoffice.Company, parts ...string) string {
	path := "/v1/companies/" + c.ID
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}

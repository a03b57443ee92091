package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
)

func (s *server) health(*request) (reply, error) { return ok(map[string]string{"status": "ok"}) }

func (s *server) ready(r *request) (reply, error) {
	if s.Ready != nil {
		if err := s.Ready(); err != nil {
			return reply{}, notReady(err.Error())
		}
	}
	return s.health(r)
}

func (s *server) version(*request) (reply, error) {
	return ok(map[string]any{
		"version":   s.Version,
		"contracts": map[string]string{"cashier": s.Reader.Cashier.Version(), "control": s.Reader.Control.Version()},
	})
}

func contract(c *openapi.Contract) handler {
	return func(*request) (reply, error) { return ok(json.RawMessage(c.Bundled())) }
}

// metrics answers for /metrics, the one path whose answer is not JSON.
func (s *server) metrics(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		s.refuse(w, r, methodNotAllowed(r, []string{http.MethodGet}))
	case s.Metrics == nil:
		s.refuse(w, r, notFound("there are no metrics"))
	default:
		w.Header().Set("Cache-Control", "no-store")
		s.Metrics.ServeHTTP(w, r)
	}
}

// dropped is what a reset answers.
type dropped struct {
	Payments int      `json:"payments"`
	Deleted  []string `json:"deleted"`
	Restored []string `json:"restored"`
}

func (s *server) reset(r *request) (reply, error) {
	done, err := s.Alone(r.Context())
	if err != nil {
		return reply{}, err
	}
	defer done()
	out := dropped{Deleted: []string{}, Restored: []string{}}
	companies := s.Companies.List()
	if name := r.query["company"]; name != "" {
		c, err := s.company(name)
		if err != nil {
			return reply{}, err
		}
		companies = []*backoffice.Company{c}
	} else if err := s.restore(companies, &out); err != nil {
		return reply{}, err
	}
	for _, c := range companies {
		n, err := s.Reset(r.Context(), c.ID)
		if err != nil {
			return reply{}, fmt.Errorf("forget the payments of %s: %w", c.Name, err)
		}
		out.Payments += n
	}
	return ok(out)
}

// restore brings the back office back to what was configured. Only when a configured company differs is all put anew, in
// its order, because the first company is the demo company and names may have been swapped.
func (s *server) restore(now []*backoffice.Company, out *dropped) error {
	configured := map[string]bool{}
	for _, c := range s.Configured {
		configured[c.ID] = true
	}
	var kept []*backoffice.Company
	for _, c := range now {
		if configured[c.ID] {
			kept = append(kept, c)
			continue
		}
		if _, err := s.Companies.Delete(c.ID); err != nil {
			return err
		}
		out.Deleted = append(out.Deleted, c.Name)
	}
	same := func(a, b *backoffice.Company) bool { return reflect.DeepEqual(a, b) }
	if slices.EqualFunc(kept, s.Configured, same) {
		return nil
	}
	for _, c := range kept {
		if _, err := s.Companies.Delete(c.ID); err != nil {
			return err
		}
	}
	for _, c := range s.Configured {
		if !slices.ContainsFunc(kept, func(k *backoffice.Company) bool { return same(k, c) }) {
			out.Restored = append(out.Restored, c.Name)
		}
		if _, err := s.Companies.Put(*c, c.Created); err != nil {
			return fmt.Errorf("restore company %s: %w", c.Name, err)
		}
	}
	return nil
}

package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/listener"
)

// Probes answers /healthz and /readyz before anything else does, so that nothing keeps it from answering: no token, no query
// parameter, no journal.
type Probes struct {
	Ready     func(ctx context.Context) error // why no calls are taken yet, or no longer; nil = always ready
	Next      http.Handler                    // answers all other requests; nil when none are taken
	Otherwise string                          // why none are taken
	Log       *slog.Logger
}

// ServeHTTP implements http.Handler.
func (p *Probes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff") // on everything that the listener answers
	var err error
	switch path := r.URL.Path; {
	case path != "/healthz" && path != "/readyz":
		if p.Next != nil {
			p.Next.ServeHTTP(w, r)
			return
		}
		err = notReady(p.Otherwise)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		err = methodNotAllowed(w, r, []string{http.MethodGet})
	case path == "/readyz" && p.Ready != nil:
		if reason := p.Ready(r.Context()); reason != nil {
			err = notReady(reason.Error())
		}
	}
	if err != nil {
		(&edge{Config: Config{Log: p.Log}}).refuse(w, r, err)
		return
	}
	_ = writeJSON(w, http.StatusOK, map[string]string{"status": "ok"}) // strings can always be written
}

func readVersion(_ context.Context, r *request) (any, error) {
	out := adminapi.Version{Version: r.Version}
	out.Contracts.Cashier, out.Contracts.Control = r.Reader.Cashier.Version(), r.Reader.Control.Version()
	return out, nil
}

func readCashierContract(_ context.Context, r *request) (any, error) {
	return published(openapi.Version31, r.Reader.Cashier, r.Base.URL())
}

func readControlContract(_ context.Context, r *request) (any, error) {
	return published(openapi.Version31, r.Reader.Control, listener.Origin(r.http))
}

func readGeneratorContract(_ context.Context, r *request) (any, error) {
	switch name := r.path["document"]; name {
	case "cashier.json":
		return published(openapi.Version30, r.Reader.Cashier, r.Base.URL())
	case "control.json":
		return published(openapi.Version30, r.Reader.Control, listener.Origin(r.http))
	default:
		return nil, notFound("there is no document %s: use cashier.json or control.json", name)
	}
}

func published(version string, c *openapi.Contract, url string) (any, error) {
	text, err := c.Published(version, url)
	return json.RawMessage(text), err
}

func readPublicURL(_ context.Context, r *request) (any, error) {
	return adminapi.PublicURL{URL: r.Base.URL(), Fixed: r.Base.Fixed() != ""}, nil
}

func setPublicURL(ctx context.Context, r *request) (any, error) {
	in, err := r.valid("PublicURLInput")
	if err != nil {
		return nil, err
	}
	base := in.Text("url")
	if err := listener.CheckBase(base); base != "" && err != nil {
		return nil, openapi.InvalidAt("url", "%v", err)
	}
	r.Base.Set(base)
	return readPublicURL(ctx, r)
}

func resetCompanies(ctx context.Context, r *request) (any, error) {
	done, err := r.Settings.Exclusive(ctx, "")
	if err != nil {
		return nil, err
	}
	defer done()
	out := adminapi.ResetResult{Deleted: []string{}, Restored: []string{}}
	companies := r.Companies.List()
	if name := r.query["company"]; name != "" {
		c, err := r.find(name)
		if err != nil {
			return nil, err
		}
		companies = []*backoffice.Company{c}
	} else if err := errors.Join(restoreCompanies(r, companies, &out), r.Requests.Forget(ctx, "")); err != nil {
		return nil, err
	}
	for _, c := range companies {
		n, err := r.Snapshots.Reset(ctx, c.ID, r.keepClock())
		if err != nil {
			return nil, fmt.Errorf("drop the payments of %s: %w", c.Name, err)
		}
		out.Payments += n
	}
	return out, nil
}

// restoreCompanies makes the back office what was configured. When a configured company differs, all are put again in their order,
// because the first company is the demo company and names may have been swapped.
func restoreCompanies(r *request, now []*backoffice.Company, out *adminapi.ResetResult) error {
	configured := map[string]bool{}
	for _, c := range r.Configured {
		configured[c.ID] = true
	}
	var kept []*backoffice.Company
	for _, c := range now {
		if configured[c.ID] {
			kept = append(kept, c)
			continue
		}
		if _, err := r.Companies.Delete(c.ID); err != nil {
			return err
		}
		out.Deleted = append(out.Deleted, c.Name)
	}
	same := func(a, b *backoffice.Company) bool { return reflect.DeepEqual(a, b) }
	if slices.EqualFunc(kept, r.Configured, same) {
		return nil
	}
	for _, c := range kept {
		if _, err := r.Companies.Delete(c.ID); err != nil {
			return err
		}
	}
	for _, c := range r.Configured {
		if !slices.ContainsFunc(kept, func(k *backoffice.Company) bool { return same(k, c) }) {
			out.Restored = append(out.Restored, c.Name)
		}
		if _, err := r.Companies.Put(*c, c.Created); err != nil {
			return fmt.Errorf("restore company %s: %w", c.Name, err)
		}
	}
	return nil
}

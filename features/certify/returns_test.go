package certify_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"mozartosim/features/certify"
	"mozartosim/features/evidence"
	"mozartosim/features/merchants"
)

// returnsTo is the correct shop with another handler of the page that shoppers come back to.
func returnsTo(page http.HandlerFunc) func(merchants.Config) http.Handler {
	return func(c merchants.Config) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("/payment/", page)
		mux.HandleFunc("/thanks", page)
		mux.Handle("/", merchants.Correct(c))
		return mux
	}
}

// scenario finds what a check saw of the run's first flow.
func scenario(t *testing.T, run *evidence.Run, check string) evidence.Scenario {
	t.Helper()
	for _, f := range run.Features {
		for _, s := range f.Scenarios {
			if strings.HasPrefix(s.ID, check+"/") {
				return s
			}
		}
	}
	t.Fatalf("%s was not made", check)
	return evidence.Scenario{}
}

// A return page is judged by where its redirects end, as a browser follows them.
func TestReturnPages(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusSeeOther) }
	}
	for _, c := range []struct {
		name string
		page http.HandlerFunc
		says string // "" = the check passes
	}{
		{"a page that is gone", http.NotFound, "answered 404"},
		{"redirects to a page that is gone", redirect("/nowhere"), "/nowhere, which answered 404"},
		{"redirects to itself", redirect("/thanks"), "redirects more than 20 times"},
		{"remembers the shopper by a cookie", func(w http.ResponseWriter, r *http.Request) {
			if _, err := r.Cookie("back"); err != nil {
				http.SetCookie(w, &http.Cookie{Name: "back", Value: "yes", Path: "/"})
				http.Redirect(w, r, "/thanks", http.StatusSeeOther)
			}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run := certified(t, shop(t, returnsTo(c.page), flow("TRUST", "PAYIN", "EUR")), certify.Options{Capabilities: []string{"crediting"}})
			s := scenario(t, run, "not-on-return")
			if failed := s.Status == evidence.Failed; failed != (c.says != "") || !strings.Contains(s.Reason, c.says) {
				t.Errorf("%s: %s", s.Status, s.Reason)
			}
		})
	}
}

// namesReturnPage adds a return URL to the shop's calls.
type namesReturnPage struct {
	http.RoundTripper
	url string
}

func (n namesReturnPage) RoundTrip(r *http.Request) (*http.Response, error) {
	var fields map[string]any
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		return nil, err
	}
	fields["hppSuccessUrl"], fields["hppFailureUrl"] = n.url, n.url
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return n.RoundTripper.RoundTrip(r)
}

// What the certifier can't reach is no mistake of the shop. Setting merchant.site helps only where the shop names no page itself.
func TestReturnPageOutOfReach(t *testing.T) {
	t.Parallel()
	const nowhere = "http://127.0.0.1:1"
	for _, c := range []struct {
		name  string
		own   bool
		helps bool
	}{{"named by the shop", true, false}, {"below merchant.site", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := shop(t, func(config merchants.Config) http.Handler {
				if c.own {
					config.Client.Transport = namesReturnPage{config.Client.Transport, nowhere + "/paid"}
				}
				return merchants.Correct(config)
			}, flow("TRUST", "PAYIN", "EUR"))
			config.Merchant.Site = nowhere
			s := scenario(t, certified(t, config, certify.Options{Capabilities: []string{"crediting"}}), "not-on-return")
			if s.Status != evidence.NotRun || strings.Contains(s.Reason, "set merchant.site") != c.helps {
				t.Errorf("%s: %s", s.Status, s.Reason)
			}
		})
	}
}

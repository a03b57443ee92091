package simulator

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
)

// A company that is deleted while somebody else works for it, the merchant's server in a call or a webhook, is gone afterwards: it has
// neither payments nor a worker that would wait for ever, and one of the same name begins anew.
func TestDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"verify-user", "webhook"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, nil)
			var d *testAdmin
			merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				d.call("DELETE", d.at(""), "").want(200)
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"userId":"user-1001","email":"jane.doe@example.com","firstName":"Jane","lastName":"Doe","phone":"4165550123","countryCode":"CA"}`))
			}))
			t.Cleanup(merchant.Close)
			d = h.adminOf(t, "gone", h.configure("PAYONE", map[string]any{"webhookUrl": merchant.URL}))
			var workers atomic.Int32
			h.runtimes.StartWorkers(func(rt *company.Runtime) (stop func()) {
				if rt.ID == d.company.ID {
					workers.Add(1)
				}
				return func() {
					workers.Add(-1)
					rt.End()
				}
			})
			if name == "webhook" {
				d.made("PayonePayInRequest")
				d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200).is("jobs.1.description", "the payment is gone")
			} else {
				d.call("PATCH", d.at(""), `{"userAuthUrl": "`+merchant.URL+`"}`).want(200)
				header := h.header(d.company)
				header.Set("x-user-authorization", header.Get("x-user-token"))
				header.Del("x-user-token")
				body, _ := h.contract.Example("PayonePayInRequest")
				if answer := h.call(header, string(body)); answer.Code != http.StatusUnauthorized {
					t.Errorf("answered %d %s", answer.Code, answer.Body)
				}
			}
			if n := workers.Load(); n != 0 {
				t.Errorf("%d workers", n)
			}
			again := h.company("gone", func(c *backoffice.Company) { c.ID = d.company.ID })
			found, err := h.journal.List(t.Context(), again.ID, journal.Query{})
			if err != nil || len(found) != 0 {
				t.Errorf("the new one has %v, %v", found, err)
			}
		})
	}
}

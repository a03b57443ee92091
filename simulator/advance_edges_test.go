package simulator

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

// A clock goes as far as whatever is scheduled from there can be stored, and lists can be read after that.
func TestAdvanceIsBounded(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "far", nil)
	id := d.made("PayonePayInRequest")
	for _, to := range []string{"9999-12-31T23:59:59Z", "2262-04-12T00:00:00Z", "2162-01-01T00:00:01Z"} {
		d.call("POST", d.at("/clock/advance"), `{"to": "`+to+`"}`).fails(400, "to must be 2162-01-01T00:00:00Z at the latest")
	}
	d.call("POST", d.at("/clock/advance"), `{"to": "2162-01-01T00:00:00Z"}`).want(200)
	d.call("POST", d.at("/clock/advance"), `{"by": "1ms"}`).fails(409, "the latest time is 2162-01-01T00:00:00Z")
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	for _, path := range []string{d.at("/jobs"), d.at("/clock"), d.of("/v1/payments"), d.of("/v1/payments/" + id), d.of("/v1/deliveries")} {
		d.call("GET", path, "").want(200)
	}
	if got := d.status("PayonePayInRequest"); got != "OK" {
		t.Errorf("a payment then is answered %s", got)
	}
}

// A company that is deleted while its clock is advanced leaves nothing in the data.
func TestDeletedDuringAdvance(t *testing.T) {
	t.Parallel()
	j := kept{journal.NewMemory(0)}
	h := open(t, on(j))
	var d *testAdmin
	handler := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		d.call("DELETE", "/v1/companies/gone", "").want(200)
	}))
	t.Cleanup(handler.Close)
	d = h.adminOf(t, "gone", func(c *backoffice.Company) { h.configure("PAYONE", map[string]any{"webhookUrl": handler.URL})(c) })
	d.made("PayonePayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"by": "1h"}`).want(404)
	settings, err := j.Settings(t.Context(), journal.SettingQuery{})
	must(t, err)
	for _, s := range settings {
		if s.Company == d.company.ID && s.Data != nil {
			t.Errorf("%s is left: %s", s.Name, s.Data)
		}
	}
	if jobs, err := j.Jobs(t.Context(), d.company.ID, journal.JobQuery{Claimed: true}); err != nil || len(jobs) > 0 {
		t.Errorf("jobs are left: %v, %v", jobs, err)
	}
}

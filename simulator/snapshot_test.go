package simulator

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

// busy gives a company a bit of everything.
func (d *testAdmin) busy() {
	d.t.Helper()
	d.call("PUT", d.at("/scenarios/twice"), `{"match": {"psp": "PAYONE", "nth": 3}, "webhooks": {"copies": 2, "spaced": {"uniform": ["1s", "9s"]}}}`).want(200)
	d.call("PUT", d.at("/inbox"), `{"replies": [{"status": 500, "times": 3}, {"hangUp": true}]}`).want(200)
	d.call("PUT", d.at("/outages/BRITE"), `{"kind": "flapping", "for": "1h"}`).want(200)
	d.call("POST", d.at("/overrides"), `{"scenario": {"match": {"psp": "NEOSURF"}, "answer": {"reason": "no"}}}`).want(200)
	d.made("PayonePayInRequest")
	d.made("ForumpayPayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"deliveries": 2}`).want(200)
	d.made("GigadatPayOutEtoRequest")
	d.made("PayonePayInRequest")
}

// goOn is what happens after the snapshot.
func (d *testAdmin) goOn() string {
	d.t.Helper()
	for _, schema := range []string{"PayonePayInRequest", "BritePayInRequest", "NeosurfPayInRequest", "BritePayInRequest", "TrustPayInRequest"} {
		d.status(schema)
	}
	d.call("POST", d.at("/clock/advance"), `{"by": "2m"}`).want(200)
	d.status("PayonePayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	return d.call("POST", d.at("/snapshot"), "").want(200).text
}

func TestSnapshotGoesOnTheSame(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "kept", nil)
	d.busy()
	kept := d.call("POST", d.at("/snapshot"), "").want(200).is("version", "2", "company.name", "kept", "journal.streams", "4", "outages", "1")
	first := d.goOn()
	d.call("POST", d.at("/restore"), kept.text).want(200).is("payments", "4", "now", kept.at("clock.now"))
	if again := d.call("POST", d.at("/snapshot"), "").want(200); again.text != kept.text {
		t.Errorf("restored is\n%s\nkept was\n%s", again.text, kept.text)
	}
	if second := d.goOn(); second != first {
		t.Errorf("it went on as\n%s\nat first it was\n%s", second, first)
	}
	// In another process too, even over other things that happened there.
	other := open(t, nil).adminOf(t, "kept", nil)
	other.made("PayonePayInRequest")
	other.call("POST", other.at("/clock/advance"), `{"by": "30d"}`).want(200)
	other.call("POST", other.at("/restore"), kept.text).want(200)
	if second := other.goOn(); second != first {
		t.Errorf("elsewhere it went on as\n%s\nat first it was\n%s", second, first)
	}
}

// imported is a journal that has something done as soon as it has imported a company.
type imported struct {
	journal.Journal
	then func()
}

func (j *imported) Import(ctx context.Context, company string, from journal.Source) error {
	err := j.Journal.Import(ctx, company, from)
	j.then()
	return err
}

// The jobs of a snapshot whose clock is manual wait for it to be advanced, however much later the clock was that it is restored to. When
// the snapshot can't be restored, that one goes on.
func TestRestoreRunsNoJob(t *testing.T) {
	t.Parallel()
	j := &imported{Journal: journal.NewMemory(0), then: func() {}}
	d := open(t, func(c *Config) { c.Journal = j }).adminOf(t, "kept", nil)
	d.made("PayonePayInRequest")
	kept := d.call("POST", d.at("/snapshot"), "").want(200)
	d.call("POST", d.at("/clock/advance"), `{"by": "1m"}`).want(200)
	d.call("PUT", d.at("/clock"), `{"mode": "real"}`).want(200)
	looked := false
	j.then = func() {
		looked = true
		if now := d.runtimes.Clock(d.company.ID).Now(); !now.Equal(start) {
			t.Errorf("the jobs are there, and the clock stands at %s", now)
		}
	}
	d.call("POST", d.at("/restore"), kept.text).want(200).is("jobs", "2", "now", kept.at("clock.now"))
	if !looked {
		t.Error("nothing was imported")
	}
	d.call("GET", d.at("/clock"), "").want(200).is("mode", "manual", "now", kept.at("clock.now"))
}

// A snapshot that somebody wrote may have a provider's outages twice, and in any order: the last of each is in force.
func TestRestoreArrangesOutages(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "kept", nil)
	d.call("PUT", d.at("/outages/BRITE"), `{"kind": "flapping"}`).want(200)
	kept := d.call("POST", d.at("/snapshot"), "").want(200)
	one := `{"psp":"BRITE","kind":"flapping","for":0,"delay":0}`
	changed := strings.Replace(kept.text, one, strings.ReplaceAll(one, "BRITE", "PAYONE")+","+one+","+strings.ReplaceAll(one, "flapping", "down"), 1)
	d.call("POST", d.at("/restore"), changed).want(200)
	d.call("GET", d.at("/outages"), "").want(200).is("outages", "2", "outages.0.psp", "BRITE", "outages.0.kind", "down", "outages.1.psp", "PAYONE")
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	d := h.adminOf(t, "kept", nil)
	other := h.adminOf(t, "other", func(c *backoffice.Company) { c.Credentials.APIKey = "other" })
	d.busy()
	kept := d.call("POST", d.at("/snapshot"), "").want(200).text
	path := d.at("/restore")
	for _, test := range []struct{ old, new, says string }{
		{`"version":2`, `"version":1`, "version must be 2: a snapshot of version 1 can't be restored here"},
		{`"version":2`, `"version":"x"`, "version must be 2"},
		{`"version":2,`, ``, "version must not be missing"},
		{`"began":4`, `"began":3`, "journal must be consistent"},
		{`"mode":"manual"`, `"mode":"backwards"`, "clock.mode must be one of"},
		{`"mode":"manual"`, `"mode":"scaled"`, "clock must be consistent: clock factor 0 must be between"},
		{`"nth":3`, `"nth":0`, "scenarios must be consistent"},
		{`"kind":"payment.opened","data":"{\"id\":\"`, `"kind":"payment.opened","data":"{\"id\":\"0`, "journal.streams."},
		{`\"status\":\"pending\"`, `\"status\":\"reversed\"`, "journal.streams."},
		{`"kind":"notification"`, `"kind":"party"`, "journal.jobs."},
		{`"jobs":[`, `"dew":[], "jobs":[`, "journal.dew must not be set"},
		{`"seq":1,`, `"seq":"one",`, "body must be a snapshot"},
		{kept, kept + "{}", "nothing after it"},
		{kept, kept[:len(kept)/2], "it ends too early"},
		{`"company":{"id":"`, `"company":{"id":"x`, "company.id must be 24 lower-case hexadecimal digits"},
	} {
		spoiled := strings.Replace(kept, test.old, test.new, 1)
		if spoiled == kept {
			t.Errorf("the snapshot has no %s", test.old)
		}
		answer := d.call("POST", path, spoiled)
		if answer.status != 400 {
			t.Errorf("%s in place of %s: %d %s", test.new, test.old, answer.status, answer.text)
			continue
		}
		answer.fails(400, test.says)
	}
	other.call("POST", other.at("/restore"), kept).fails(400, "the snapshot is of kept ("+d.company.ID+")")
	d.call("POST", path, "").fails(415)
	if after := d.call("POST", d.at("/snapshot"), "").want(200).text; after != kept {
		t.Error("a refused restore has changed something")
	}
}

func TestResetCompany(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "reset", nil)
	d.busy()

	d.call("POST", d.at("/reset"), "").want(200).is("dropped", "4")
	d.call("GET", d.at("/payments"), "").want(200).is("payments", "0")
	d.call("GET", d.at("/clock"), "").want(200).is("now", "2026-06-01T12:00:00Z", "waiting", "0", "mode", "manual")
	d.call("GET", d.at("/outages"), "").want(200).is("outages", "0")
	d.call("GET", d.at("/inbox"), "").want(200).is("replies", "0")
	d.call("GET", d.at("/scenarios/twice"), "").fails(404)
	if got := d.status("NeosurfPayInRequest"); got != "OK" {
		t.Errorf("an override is left: %s", got)
	}
	d.call("GET", d.at("/payments"), "").want(200).is("payments.0.ordinal", "1")
	var doc struct{ Journal struct{ Seq, Ordinal int } }
	if err := json.Unmarshal([]byte(d.call("POST", d.at("/snapshot"), "").text), &doc); err != nil || doc.Journal.Ordinal != 1 {
		t.Errorf("%+v, %v", doc, err)
	}
}

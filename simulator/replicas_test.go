package simulator

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/scheduler"
)

// shared is a journal in memory that several processes seem to share; each closes only its own end.
type shared struct{ *journal.Memory }

func (shared) Shared() bool { return true }
func (shared) Close() error { return nil }

// kept is one that outlives its process.
type kept struct{ *journal.Memory }

func (kept) Close() error { return nil }

func on(j journal.Journal) func(*Config) {
	return func(c *Config) { c.Journal, c.DataKey = j, "a key" }
}

// in gives another process's admin API for the same company.
func (d *testAdmin) in(other *testSimulator) *testAdmin {
	d.t.Helper()
	admin, err := other.Admin()
	must(d.t, err)
	return &testAdmin{other, d.t, d.company, admin}
}

func replicas(t *testing.T) (a, b *testAdmin) {
	t.Helper()
	j := shared{journal.NewMemory(0)}
	first, second := open(t, on(j)), open(t, on(j))
	first.settings.Within, second.settings.Within = time.Minute, time.Minute // however busy the machine is
	a = first.adminOf(t, "both", func(c *backoffice.Company) {
		first.configure("PAYONE", map[string]any{"accountName": "a", "apiKey": "k", "webhookUrl": InboxURL, "siteUrl": "http://merchant.test", "webhookSecret": "s3cret-of-payone"})(c)
	})
	return a, a.in(second)
}

func TestReplicasShareWhatRuns(t *testing.T) {
	t.Parallel()
	a, b := replicas(t)
	b.call("GET", "/v1/companies/both?reveal=true", "").want(200).is("id", a.company.ID, "psps.PAYONE.webhookSecret", "s3cret-of-payone")
	a.call("PUT", a.at("/clock"), `{"mode": "manual"}`).want(200)
	a.call("POST", a.at("/clock/advance"), `{"by": "1h"}`).want(200)
	b.call("GET", b.at("/clock"), "").want(200).is("now", a.call("GET", a.at("/clock"), "").at("now"))

	a.call("PUT", a.at("/outages/BRITE"), `{"kind": "down"}`).want(200)
	if got := b.status("BritePayInRequest"); got != "PSP_UNAVAILABLE" {
		t.Errorf("an outage that was set elsewhere: %s", got)
	}
	b.call("DELETE", b.at("/outages/BRITE"), "").want(200)
	if got := a.status("BritePayInRequest"); got != "OK" {
		t.Errorf("an outage that was ended elsewhere: %s", got)
	}

	a.call("POST", a.at("/overrides"), `{"scenario": {"match": {"psp": "PAYONE"}, "answer": {"error": "PSP_TIMEOUT"}}}`).want(200)
	if first, second, third := b.status("PayonePayInRequest"), a.status("PayonePayInRequest"), b.status("PayonePayInRequest"); first != "PSP_TIMEOUT" || second != "OK" || third != "OK" {
		t.Errorf("one override for one payment: %s %s %s", first, second, third)
	}
	b.call("PUT", b.at("/scenarios/third"), `{"match": {"psp": "PAYONE", "nth": 3}, "answer": {"error": "PSP_TIMEOUT"}}`).want(200)
	counted := ""
	for i := range 5 {
		counted += fmt.Sprint([]*testAdmin{a, b}[i%2].status("PayonePayInRequest"), " ")
	}
	if counted != "OK OK PSP_TIMEOUT OK OK " {
		t.Errorf("calls are counted over both: %s", counted)
	}

	b.call("PUT", b.at("/inbox"), `{"replies": [{"status": 500, "times": 2}]}`).want(200)
	a.call("POST", a.at("/clock/advance"), `{"deliveries": 1}`).want(200)
	b.call("POST", b.at("/clock/advance"), `{"deliveries": 1}`).want(200)
	a.call("GET", a.at("/inbox"), "").want(200).is("replies", "0")

	a.call("DELETE", "/v1/companies/both", "").want(200)
	b.call("GET", "/v1/companies/both", "").want(404)
}

// A call begins again when another process has changed a setting before it came; its merchant is asked for the shopper once, whatever
// stands in the other header.
func TestReplicasAskOnce(t *testing.T) {
	t.Parallel()
	a, b := replicas(t)
	asked := 0
	merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write([]byte(`{"userId": "user-1"}`))
	}))
	t.Cleanup(merchant.Close)
	a.call("PATCH", "/v1/companies/both", `{"userAuthUrl": "`+merchant.URL+`"}`).want(200)
	for i, token := range []string{"", "none", "Bearer"} {
		b.settings.CatchUp(t.Context())
		a.call("PUT", a.at("/clock"), `{"mode": "manual"}`).want(200)
		header := b.header(b.company)
		header.Set("X-User-Token", token)
		header.Set("X-User-Authorization", "Bearer session")
		if b.testSimulator.call(header, b.changed(t, "PayonePayInRequest", nil)).Code != http.StatusOK {
			t.Errorf("token %q is refused", token)
		}
		if asked != i+1 {
			t.Errorf("token %q: asked %d times", token, asked-i)
		}
	}
}

// Two processes move one clock at the same time: everything happens once, and each payment's notices in order.
func TestReplicasAdvanceTogether(t *testing.T) {
	t.Parallel()
	a, b := replicas(t)
	for i := range 40 {
		[]*testAdmin{a, b}[i%2].made("ForumpayPayInRequest")
	}
	var all sync.WaitGroup
	for _, d := range []*testAdmin{a, b} {
		all.Go(func() {
			for range 30 {
				if _, err := d.scheduler.Advance(t.Context(), d.company.ID, scheduler.Advance{By: time.Second}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, d := range []*testAdmin{a, b} {
		d.call("GET", d.at("/clock"), "").want(200).is("now", "2026-06-01T12:01:00Z")
	}
	streams, err := b.journal.List(t.Context(), b.company.ID, journal.Query{Limit: 1000})
	if err != nil || len(streams) != 40 {
		t.Fatalf("%d payments, %v", len(streams), err)
	}
	for _, st := range streams {
		p, _, err := b.payments.Read(t.Context(), b.company.ID, st.ID)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, n := range p.Notifications {
			told = append(told, n.Raw)
		}
		for _, d := range p.Deliveries {
			if len(d.Attempts) != 1 {
				t.Errorf("delivery %s was tried %d times", d.ID, len(d.Attempts))
			}
		}
		if got := strings.Join(told, " "); got != "waiting processing confirmed" && got != "waiting zero_confirmed confirmed" {
			t.Errorf("payment %s: %s", p.ID, got)
		}
	}
}

func TestRestartLosesNothing(t *testing.T) {
	t.Parallel()
	j := kept{journal.NewMemory(0)}
	first := open(t, on(j)).adminOf(t, "kept", nil)
	first.busy()
	before := first.call("POST", first.at("/snapshot"), "").want(200).text
	second := first.in(open(t, on(j)))
	if got := second.call("POST", second.at("/snapshot"), "").want(200).text; got != before {
		t.Errorf("after the restart\n%s\nbefore\n%s", got, before)
	}
	if got, want := second.goOn(), first.goOnElsewhere(before); got != want {
		t.Errorf("it went on as\n%s\nwithout a restart\n%s", got, want)
	}
	names := func(all []*backoffice.Company) (out []string) {
		for _, c := range all {
			out = append(out, c.Name)
		}
		return out
	}
	if got, want := fmt.Sprint(names(second.directory.List())), fmt.Sprint(names(first.directory.List())); got != want {
		t.Errorf("companies are %s, were %s", got, want)
	}
	if got, want := second.directory.List()[0], first.directory.List()[0]; got.Credentials != want.Credentials || !got.Created.Equal(want.Created) {
		t.Errorf("the first is %+v, was %+v", got, want)
	}
}

// goOnElsewhere goes on from a snapshot in a process of its own.
func (d *testAdmin) goOnElsewhere(snapshot string) string {
	d.t.Helper()
	other := open(d.t, nil).adminOf(d.t, d.company.Name, nil)
	other.call("POST", other.at("/restore"), snapshot).want(200)
	return other.goOn()
}

// Work that was due while nothing ran is carried out at the start, though nobody calls.
func TestRestartWorksOff(t *testing.T) {
	t.Parallel()
	j := kept{journal.NewMemory(0)}
	first := open(t, on(j))
	d := first.adminOf(t, "kept", nil)
	id := d.made("PayonePayInRequest")
	must(t, first.settings.SetClock(t.Context(), d.company.ID, clock.Real, 1))
	config := Default()
	config.PublicAddr, config.AdminAddr = "127.0.0.1:0", ""
	on(j)(&config)
	second, err := New(config)
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- second.Run(ctx) }()
	defer func() {
		stop()
		must(t, <-done)
	}()
	for {
		changed := j.Changed(d.company.ID)
		p, _, err := second.payments.Read(t.Context(), d.company.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Deliveries) == 1 && len(p.Deliveries[0].Attempts) == 1 {
			return
		}
		<-changed
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	t.Parallel()
	j := kept{journal.NewMemory(0)}
	open(t, on(j)).adminOf(t, "kept", nil)
	config := Default()
	config.PublicAddr, config.AdminAddr, config.Journal, config.DataKey = "127.0.0.1:0", "", j, "another key"
	if _, err := New(config); err == nil || !strings.Contains(err.Error(), "sealed with another key") || !strings.Contains(err.Error(), "--data-key") {
		t.Errorf("got %v", err)
	}
	notes, err := j.Settings(t.Context(), journal.SettingQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		if strings.Contains(string(n.Data), "secretKey") {
			t.Errorf("note %s of %s can be read: %s", n.Name, n.Company, n.Data)
		}
	}
}

// The secret before its last change is sent by another process and after a restart too, also when the PSP was deleted meanwhile, and
// what is kept shows nothing of it.
func TestFormerSecret(t *testing.T) {
	t.Parallel()
	a, b := replicas(t)
	secret := func(secret string) string {
		return `{"accountName": "a", "apiKey": "k", "webhookUrl": "` + InboxURL + `", "siteUrl": "http://merchant.test", "isWebhookSecured": true, "webhookSecret": "` + secret + `"}`
	}
	told := func(d *testAdmin) string {
		d.t.Helper()
		d.call("POST", d.at("/overrides"), `{"name": "webhook-old-secret"}`).want(200)
		id := d.made("PayonePayInRequest")
		d.advance(t, d.company, scheduler.Advance{UntilIdle: true})
		made := d.read(t, d.company, id).Deliveries[0].Attempts[0]
		return made.Verdict + " " + made.Headers["Authorization"][len("Bearer "):]
	}
	standIn := told(a)
	b.call("PUT", b.at("/psps/PAYONE"), secret("the-second-secret")).want(200)
	restarted := a.in(open(t, on(b.config.Journal)))
	for name, d := range map[string]*testAdmin{"this process": b, "another": a, "after a restart": restarted} {
		if got, want := told(d), "old "+mask.Secret("s3cret-of-payone"); got != want {
			t.Errorf("%s: %s, want %s, and never %s", name, got, want, standIn)
		}
	}
	b.call("DELETE", b.at("/psps/PAYONE"), "").want(200)
	b.call("PUT", b.at("/psps/PAYONE"), secret("the-third-secret")).want(200)
	if got, want := told(restarted), "old "+mask.Secret("the-second-secret"); got != want {
		t.Errorf("deleted and set again: %s, want %s", got, want)
	}
	answer := b.call("GET", "/v1/companies/both?reveal=true", "").want(200).text
	settings, err := b.journal.Settings(t.Context(), journal.SettingQuery{})
	must(t, err)
	for _, kept := range settings {
		answer += string(kept.Data)
	}
	if strings.Contains(answer, "the-second-secret") || strings.Contains(answer, "s3cret-of-payone") {
		t.Errorf("a former secret can be read: %s", answer)
	}
}

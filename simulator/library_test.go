package simulator

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/scenarios"
	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/scheduler"
)

// ready reads the ready scenarios.
func (h *testSimulator) ready(t *testing.T) []*scenario.Scenario {
	t.Helper()
	all, err := h.scenarios.Reader().Dir(scenarios.Files)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// network is a simulator on a manual clock whose public listener is open on the network: only there can a connection be cut.
func network(t *testing.T) *running {
	t.Helper()
	return run(t, func(c *Config) {
		c.PublicURL, c.Clock, c.ClockStart = "http://127.0.0.1:8080", clock.Manual, start
	})
}

// secured has every provider that has webhooks secure them.
func (h *testSimulator) secured(c *backoffice.Company) {
	for _, psp := range h.contract.PSPs() {
		if h.providers[psp].Webhook {
			h.configure(psp, map[string]any{"isWebhookSecured": true, "webhookSecret": "library-secret-0001"})(c)
		}
	}
}

// Every ready scenario does what it says: its whole timeline is held, from the call to the last webhook, and every webhook
// matches the contract unless the scenario spoils its body.
func TestLibrary(t *testing.T) {
	t.Parallel()
	r := network(t)
	for _, sc := range r.ready(t) {
		t.Run(sc.Name, func(t *testing.T) {
			if misspelt := provider.Misspelt(sc); misspelt != nil {
				t.Error(misspelt)
			}
			company := r.testSimulator.company("library "+sc.Name, r.secured)
			var out strings.Builder
			fmt.Fprintf(&out, "%s: %s\n\n", sc.Name, sc.Description)
			for _, c := range story(r.testSimulator, sc) {
				out.WriteString(r.visit(t, company, c))
			}
			r.finish(t, company)
			for _, id := range r.streams(t, company.ID) {
				out.WriteString("\n" + r.timeline(t, company.ID, id))
				if p := r.testSimulator.read(t, company, id); !spoilsBodies(sc) {
					r.holdWebhooks(t, *p)
				}
			}
			golden(t, filepath.Join("testdata", "library", sc.Name+".golden"), []byte(out.String()))
		})
	}
}

// spoilsBodies says whether a scenario spoils the body of a webhook.
func spoilsBodies(sc *scenario.Scenario) bool {
	spoils := func(how scenario.Webhook) bool {
		return how.Body != "" || slices.ContainsFunc(how.Each, func(c scenario.Copy) bool { return c.Body != "" })
	}
	return spoils(sc.Webhooks.Webhook) || slices.ContainsFunc(sc.Then, func(n scenario.Notification) bool {
		return n.Webhook != nil && spoils(*n.Webhook)
	})
}

// visitor is one call of a scenario's story.
type visitor struct {
	after    time.Duration // since the first one
	op       *openapi.Operation
	scenario string // "" = none
}

// story is what makes a scenario's story: the call that names it, and, where it begins an outage, calls that meet it.
func story(h *testSimulator, sc *scenario.Scenario) []visitor {
	visits := []visitor{{0, operation(h, sc.Match), sc.Name}}
	if sc.Outage == nil {
		return visits
	}
	struck := operation(h, scenario.Match{PSP: sc.Outage.PSP})
	span, times := sc.Outage.For, 2
	if span == 0 {
		span = 24 * time.Hour
	}
	if sc.Outage.Kind == scenario.Flapping {
		times = 8
	}
	for i := 1; i <= times; i++ {
		visits = append(visits, visitor{span * time.Duration(i) / time.Duration(times), struck, ""})
	}
	return visits
}

// operation is the first one that a scenario may be named for; one that is for all of them is shown with Payone.
func operation(h *testSimulator, m scenario.Match) *openapi.Operation {
	if m.PSP == "" {
		m.PSP = "PAYONE"
	}
	for _, op := range h.contract.Operations() {
		if op.PSP == m.PSP && (m.Type == "" || m.Type == op.Type) {
			return op
		}
	}
	h.t.Fatalf("no operation for %s %s", m.PSP, m.Type)
	return nil
}

// visit makes a call at its time and tells how it was answered.
func (r *running) visit(t *testing.T, company *backoffice.Company, v visitor) string {
	t.Helper()
	if v.after > 0 {
		r.advance(t, company, scheduler.Advance{To: start.Add(v.after)})
	}
	body, ok := r.contract.Example(v.op.Schema)
	if !ok {
		t.Fatalf("no example %s", v.op.Schema)
	}
	header := r.testSimulator.header(company)
	if v.scenario != "" {
		header.Set(api.ScenarioHeader, v.scenario)
	}
	said := post(t, r.address, string(body), header)
	return fmt.Sprintf("+%-7s%s -> %s%s", v.after, strings.TrimSpace(v.op.PSP+" "+v.op.Type+" "+v.op.Variant), said, r.before(t, company))
}

// before counts the webhooks that have arrived when a call has just been answered.
func (r *running) before(t *testing.T, company *backoffice.Company) string {
	t.Helper()
	ids := r.streams(t, company.ID)
	n := 0
	for _, d := range r.testSimulator.read(t, company, ids[len(ids)-1]).Deliveries {
		n += len(d.Attempts)
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("        %d webhook had arrived before the answer\n", n)
}

// finish lets time pass until nothing more is due; an admin approves what waits for that an hour later.
func (r *running) finish(t *testing.T, company *backoffice.Company) {
	t.Helper()
	r.advance(t, company, scheduler.Advance{UntilIdle: true})
	for _, id := range r.streams(t, company.ID) {
		if r.testSimulator.read(t, company, id).Status != payment.AwaitingApproval {
			continue
		}
		r.advance(t, company, scheduler.Advance{By: time.Hour})
		if _, err := r.outcomes.Approve(t.Context(), company.ID, id, true, ""); err != nil {
			t.Fatal(err)
		}
		r.advance(t, company, scheduler.Advance{UntilIdle: true})
	}
}

// A golden file without its scenario is a leftover.
func TestLibraryHasNoLeftovers(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	names := map[string]bool{}
	for _, sc := range h.ready(t) {
		names[sc.Name] = true
	}
	files, err := os.ReadDir(filepath.Join("testdata", "library"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".golden"); !ok || !names[name] {
			t.Errorf("testdata/library/%s belongs to no scenario", f.Name())
		}
	}
	if len(files) != len(names) {
		t.Errorf("%d golden files for %d scenarios", len(files), len(names))
	}
}

// No ready scenario does anything before it is named, and everybody can read what it is for.
func TestLibraryIsNamed(t *testing.T) {
	t.Parallel()
	for _, sc := range open(t, nil).ready(t) {
		if !sc.Match.Named {
			t.Errorf("%s:%d: %s applies by itself: set match.named", sc.File, sc.Line, sc.Name)
		}
		if len(sc.Description) < 20 || !strings.HasSuffix(sc.Description, ".") {
			t.Errorf("%s:%d: %s needs a description in whole sentences", sc.File, sc.Line, sc.Name)
		}
	}
}

// Whatever a scenario can say, a ready one says; and every provider has some of its own.
func TestLibraryIsComplete(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	used := map[string]bool{}
	for _, sc := range h.ready(t) {
		doc, err := openapi.Decode(sc.Source())
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range chosen() {
			used[path+" "+doc.Text(path)] = true
		}
	}
	seen := 0
	for _, field := range h.control.FieldsOf("Scenario") {
		if !slices.Contains(chosen(), field.Path) {
			continue
		}
		seen++
		if len(field.Enum) == 0 {
			t.Errorf("%s has no enum", field.Path)
		}
		for _, value := range field.Enum {
			if !used[field.Path+" "+value] {
				t.Errorf("no ready scenario has %s: %s", field.Path, value)
			}
		}
	}
	if seen != len(chosen()) {
		t.Errorf("the contract has %d of the %d fields", seen, len(chosen()))
	}
}

// chosen are the fields of a scenario that choose among words.
func chosen() []string {
	return []string{
		"match.psp", "match.type", "answer.error", "answer.voucher", "answer.fault", "shopper.action",
		"webhooks.order", "webhooks.auth", "webhooks.body", "outage.kind",
	}
}

// Every provider's every reason for declining has a ready scenario.
func TestLibraryHasEveryReason(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	used := map[string]bool{}
	for _, sc := range h.ready(t) {
		if sc.Shopper != nil {
			used[sc.Match.PSP+" "+sc.Shopper.Reason] = true
		}
	}
	for psp, p := range h.providers {
		for _, reason := range p.ReasonCodes() {
			if !used[psp+" "+reason] {
				t.Errorf("no ready scenario declines a %s payment for %s", psp, reason)
			}
		}
	}
}

// Loading the library changes nothing: without a name the same call gets the same answer and the same timeline.
func TestLibraryChangesNothing(t *testing.T) {
	t.Parallel()
	told := func(loaded bool) (all []string) {
		h := open(t, nil)
		for _, op := range h.contract.Operations() {
			company := h.company("unnamed "+op.Schema, nil)
			if loaded {
				h.runtimes.AllScenarios(h.runtimes.Get(company.ID))
			}
			body, _ := h.contract.Example(op.Schema)
			answer := h.pay(company, string(body))
			if answer.Code != http.StatusOK {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			h.advance(t, company, scheduler.Advance{UntilIdle: true})
			all = append(all, answer.Body.String(), h.timeline(t, company.ID, h.streams(t, company.ID)[0]))
		}
		return all
	}
	with, without := told(true), told(false)
	if !slices.Equal(with, without) {
		t.Errorf("with:\n%s\nwithout:\n%s", strings.Join(with, "\n"), strings.Join(without, "\n"))
	}
}

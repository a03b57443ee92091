package drift_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/fixtures"
	"mozartosim/simulator"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/simtest"
)

// recorder makes an evidence.Run without the runner: it sends every provider's requests, moves the clock second by second, and
// keeps what came. It knows time only as the stand-in and the simulator's clock tell it.
type recorder struct {
	t    *testing.T
	sim  *simtest.Sim
	base string // of the API: the simulator's, or the stand-in's
	wall *wall

	mu      sync.Mutex
	elapsed time.Duration // on the simulator's clock, since the first call
	sent    map[string]time.Duration
	heard   map[string][]evidence.Webhook // by transaction id
	owner   map[string]string             // transaction id → scenario id
}

// wall is the time that answers take: a millisecond each, and what a stand-in adds.
type wall struct {
	mu  sync.Mutex
	now time.Duration
}

func (w *wall) pass(d time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now += d
	return w.now
}

// call is one scenario of the recorder.
type call struct {
	id, psp string
	body    []byte
	noToken bool
}

// calls are what the recorder sends: every valid request, every invalid one that needs nothing special, and the errors that
// have fixed texts.
func calls(t *testing.T) []call {
	t.Helper()
	requests, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	invalids, err := fixtures.Invalids()
	if err != nil {
		t.Fatal(err)
	}
	reference := regexp.MustCompile(`"merchantReference": "[^"]*"`)
	var all []call
	for _, r := range requests {
		all = append(all, call{id: r.Name, psp: r.PSP, body: r.Body})
		if r.Name == "trust/payin.full" {
			for _, name := range []string{"psp-timeout", "psp-bad-credentials", "webhook-twice", "declined-then-approved"} {
				all = append(all, call{id: "trust " + name, psp: r.PSP, body: reference.ReplaceAll(r.Body, []byte(`"merchantReference": "sim:`+name+`"`))})
			}
			all = append(all, call{id: "no token", psp: r.PSP, body: r.Body, noToken: true})
		}
	}
	for _, i := range invalids {
		if !i.Session && i.Token == nil && i.Configuration == nil {
			all = append(all, call{id: i.PSP + " " + i.Flow + " " + i.Variant + ": " + i.Name, psp: i.PSP, body: i.Body})
		}
	}
	return all
}

// record runs all calls against a simulator of its own, behind a stand-in when there is one.
// psp leaves out other providers' calls; "" = none.
func record(t *testing.T, target string, seed uint64, start time.Time, psp string, change *deviation) *evidence.Run {
	t.Helper()
	r := &recorder{t: t, wall: &wall{}, sent: map[string]time.Duration{}, heard: map[string][]evidence.Webhook{}, owner: map[string]string{}}
	receiver := httptest.NewServer(http.HandlerFunc(r.receive))
	defer receiver.Close()
	s := newStandin(receiver.URL, r.wall)
	if change != nil {
		s.changes = []deviation{*change}
	}
	front := httptest.NewServer(s)
	defer front.Close()
	r.sim = simtest.Start(t, simtest.WebhookURL(front.URL+"/hook"), simtest.Config(func(c *simulator.Config) {
		c.Seed, c.ClockStart, c.Clock = seed, start, clock.Manual
	}))
	s.upstream, r.base = r.sim.URL, front.URL
	run := &evidence.Run{Version: evidence.Version, Kind: "contract", Target: target, Started: start, Tool: "test"}
	feature := evidence.Feature{URI: "features/all.feature", Name: "Everything", Line: 1, Capability: "all"}
	var unruled []call
	for _, c := range calls(t) {
		if psp != "" && c.psp != psp {
			continue
		}
		feature.Scenarios = append(feature.Scenarios, r.send(c))
		if c.id == "cleo/payin.full" {
			c.id = "cleo without a rule"
			unruled = append(unruled, c)
		}
	}
	for _, c := range unruled {
		r.removeRule(c.psp)
		feature.Scenarios = append(feature.Scenarios, r.send(c))
	}
	for range 60 {
		r.mu.Lock()
		r.elapsed += time.Second
		r.mu.Unlock()
		r.sim.Advance(t, time.Second)
	}
	for i := range feature.Scenarios {
		r.collect(&feature.Scenarios[i])
	}
	run.Features = []evidence.Feature{feature}
	return run
}

// send makes one call and keeps it.
func (r *recorder) send(c call) evidence.Scenario {
	request, err := http.NewRequest(http.MethodPost, r.base+"/v1/api/mozarto/cashier", bytes.NewReader(c.body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if !c.noToken {
		request.Header.Set("Authorization", "Bearer "+r.sim.CompanyToken)
	}
	request.Header.Set("X-User-Token", "Bearer "+r.sim.UserToken(r.t, "user-1001"))
	begun := r.wall.pass(0)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	e := evidence.Exchange{
		Label: "call 1", Took: evidence.Span(r.wall.pass(time.Millisecond) - begun),
		Request: evidence.Message{Method: "POST", Path: "/v1/api/mozarto/cashier", Body: string(c.body)},
		Answer:  evidence.Message{Status: response.StatusCode, Headers: flat(response.Header), Body: string(text)},
	}
	r.mu.Lock()
	if id := response.Header.Get("Standin-Payment"); id != "" {
		r.owner[id], r.sent[id] = c.id, r.elapsed
	}
	delete(e.Answer.Headers, "Standin-Payment")
	r.mu.Unlock()
	return evidence.Scenario{
		ID: c.id, Name: c.id, Line: 1, Status: evidence.Passed, Tries: 1, Exchanges: []evidence.Exchange{e},
		Steps: []evidence.Step{
			{Keyword: "When ", Text: "the request is sent", Status: evidence.Passed}, {Keyword: "And ", Text: "a minute passes", Status: evidence.Passed},
		},
	}
}

func flat(header http.Header) map[string]string {
	all := map[string]string{}
	for name, values := range header {
		all[name] = strings.Join(values, ", ")
	}
	return all
}

// receive takes a webhook; the path tells the payment, whatever a stand-in has made of the body.
func (r *recorder) receive(w http.ResponseWriter, request *http.Request) {
	text, err := io.ReadAll(request.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id := strings.TrimPrefix(request.URL.Path, "/")
	r.heard[id] = append(r.heard[id], evidence.Webhook{
		Label: "call 1", N: len(r.heard[id]) + 1, Step: 1, After: evidence.Span(r.elapsed - r.sent[id]),
		Headers: flat(request.Header), Body: string(text), Answered: 200,
	})
}

func (r *recorder) collect(s *evidence.Scenario) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, owner := range r.owner {
		if owner == s.ID {
			s.Webhooks = append(s.Webhooks, r.heard[id]...)
		}
	}
}

// removeRule takes a provider's orchestration rules away, by the admin API.
func (r *recorder) removeRule(psp string) {
	var list struct {
		Rules []struct{ ID, PSP string }
	}
	url := r.sim.AdminURL + "/v1/companies/" + r.sim.Company.ID + "/rules"
	response, err := http.Get(url)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		r.t.Fatal(err)
	}
	for _, rule := range list.Rules {
		if rule.PSP != psp {
			continue
		}
		request, err := http.NewRequest(http.MethodDelete, url+"/"+rule.ID, nil)
		if err != nil {
			r.t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			r.t.Fatal(err)
		}
		answer.Body.Close()
	}
}

package drift_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/simtest"
)

// The two recordings of the tests: all providers' calls against the simulator, and against another one that stands for the
// Sandbox, with other ids, times and tokens. They are made once; tests change copies of them.
var (
	simulatorRecording = sync.OnceValues(func() ([]byte, error) {
		return record("simulator", 1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	})
	sandboxRecording = sync.OnceValues(func() ([]byte, error) {
		return record("sandbox", 2, time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC))
	})
)

// simulated is what the providers' calls to the simulator showed; none = all providers'.
func simulated(t *testing.T, psps ...string) *evidence.Run {
	return recordingOf(t, simulatorRecording, psps)
}

// undeviating is what the same calls to the Sandbox show.
func undeviating(t *testing.T, psps ...string) *evidence.Run {
	return recordingOf(t, sandboxRecording, psps)
}

// deviating is what calls to a Sandbox show that deviates, of the deviating providers.
func deviating(t *testing.T, changes ...deviation) *evidence.Run {
	run := undeviating(t, pspsOf(changes)...)
	for _, d := range changes {
		d.apply(run)
	}
	return run
}

func pspsOf(changes []deviation) (psps []string) {
	for _, d := range changes {
		psps = append(psps, d.psp)
	}
	return psps
}

func recordingOf(t *testing.T, recording func() ([]byte, error), psps []string) *evidence.Run {
	t.Helper()
	text, err := recording()
	if err != nil {
		t.Fatal(err)
	}
	run, err := evidence.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	feature := &run.Features[0]
	feature.Scenarios = slices.DeleteFunc(feature.Scenarios, func(s evidence.Scenario) bool { return len(psps) > 0 && !slices.Contains(psps, s.PSP) })
	return run
}

// recorder makes an evidence.Run without the runner: it sends every provider's requests, advances the clock second by second,
// and keeps what came. Time passes on the simulator's clock only; an answer takes a millisecond.
type recorder struct {
	sim *simtest.Sim

	mu       sync.Mutex
	elapsed  time.Duration                 // on the simulator's clock, since the first call
	sent     map[string]time.Duration      // by transaction id
	received map[string][]evidence.Webhook // by transaction id
}

// request is one scenario of the recorder.
type request struct {
	id, psp string
	body    []byte
	noToken bool
}

// requests are what the recorder sends: every valid request, every invalid one that needs nothing special, and the errors that
// have fixed texts.
func requests() ([]request, error) {
	valid, err := fixtures.Requests()
	if err != nil {
		return nil, err
	}
	invalid, err := fixtures.Invalids()
	if err != nil {
		return nil, err
	}
	reference := regexp.MustCompile(`"merchantReference": "[^"]*"`)
	var all []request
	for _, r := range valid {
		all = append(all, request{id: r.Name, psp: r.PSP, body: r.Body})
		if r.Name == "trust/payin.full" {
			for _, name := range []string{"psp-timeout", "psp-bad-credentials", "webhook-twice", "declined-then-approved"} {
				all = append(all, request{id: "trust " + name, psp: r.PSP, body: reference.ReplaceAll(r.Body, []byte(`"merchantReference": "sim:`+name+`"`))})
			}
		}
		if r.Name == "payone/payin.full" {
			all = append(all, request{id: "no token", psp: r.PSP, body: r.Body, noToken: true})
		}
	}
	for _, i := range invalid {
		if !i.Session && i.Token == nil && i.Configuration == nil {
			all = append(all, request{id: i.PSP + " " + i.Flow + " " + i.Variant + ": " + i.Name, psp: i.PSP, body: i.Body})
		}
	}
	return all, nil
}

// record sends all requests to a simulator of its own.
func record(target string, seed uint64, start time.Time) ([]byte, error) {
	r := &recorder{sent: map[string]time.Duration{}, received: map[string][]evidence.Webhook{}}
	receiver := httptest.NewServer(http.HandlerFunc(r.receive))
	defer receiver.Close()
	config := simtest.Default()
	config.Seed, config.ClockStart, config.WebhookURL = seed, start, receiver.URL
	var err error
	if r.sim, err = simtest.Open(config); err != nil {
		return nil, err
	}
	run, err := r.run(target, start)
	if closed := r.sim.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = evidence.Write(&text, run)
	return text.Bytes(), err
}

func (r *recorder) run(target string, start time.Time) (*evidence.Run, error) {
	all, err := requests()
	if err != nil {
		return nil, err
	}
	feature := evidence.Feature{URI: "features/all.feature", Name: "Everything", Line: 1, Capability: "all"}
	add := func(q request) error {
		s, err := r.send(q)
		feature.Scenarios = append(feature.Scenarios, s)
		return err
	}
	for _, q := range all {
		if err := add(q); err != nil {
			return nil, err
		}
	}
	i := slices.IndexFunc(all, func(q request) bool { return q.id == "cleo/payin.full" })
	if err := r.removeRules(all[i].psp); err != nil {
		return nil, err
	}
	if err := add(request{id: "cleo without a rule", psp: all[i].psp, body: all[i].body}); err != nil {
		return nil, err
	}
	for i := range 61 {
		step := time.Second
		if i == 60 {
			step = 15 * time.Minute // Worldpay's captures
		}
		r.mu.Lock()
		r.elapsed += step
		r.mu.Unlock()
		if _, err := r.sim.Demo.Advance(context.Background(), adminapi.AdvanceInput{By: step.String()}); err != nil {
			return nil, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range feature.Scenarios {
		s := &feature.Scenarios[i]
		s.Webhooks = r.received[transactionID(s.Exchanges[0])]
	}
	return &evidence.Run{
		Version: evidence.Version, Kind: "contract", Target: target, Started: start, Tool: "test", Features: []evidence.Feature{feature},
	}, nil
}

func transactionID(e evidence.Exchange) string {
	doc, _ := openapi.Decode([]byte(e.Answer.Body))
	if id := doc.Text("data.transactionId"); id != "" {
		return id
	}
	return doc.Text("transactionId")
}

// send makes one call and keeps it.
func (r *recorder) send(q request) (evidence.Scenario, error) {
	call, err := http.NewRequest(http.MethodPost, r.sim.URL+openapi.CashierPath, bytes.NewReader(q.body))
	if err != nil {
		return evidence.Scenario{}, err
	}
	call.Header.Set("Content-Type", "application/json")
	if !q.noToken {
		call.Header.Set("Authorization", "Bearer "+r.sim.CompanyToken)
	}
	user, err := identity.UserToken(map[string]any{
		"userId": "user-1001", "email": "user-1001@example.com", "firstName": "Jane", "lastName": "Doe", "phone": "4165550123", "countryCode": "CA",
	}, "unchecked")
	if err != nil {
		return evidence.Scenario{}, err
	}
	call.Header.Set("X-User-Token", "Bearer "+user)
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		return evidence.Scenario{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	e := evidence.Exchange{
		Label: "call 1", Took: evidence.Span(time.Millisecond),
		Request: evidence.Message{Method: "POST", Path: openapi.CashierPath, Body: string(q.body)},
		Answer:  evidence.Message{Status: answer.StatusCode, Headers: flat(answer.Header), Body: string(text)},
	}
	r.mu.Lock()
	r.sent[transactionID(e)] = r.elapsed
	r.mu.Unlock()
	return evidence.Scenario{
		ID: q.id, Name: q.id, PSP: q.psp, Line: 1, Status: evidence.Passed, Tries: 1, Exchanges: []evidence.Exchange{e},
		Steps: []evidence.Step{
			{Keyword: "When ", Text: "the request is sent", Status: evidence.Passed}, {Keyword: "And ", Text: "a minute passes", Status: evidence.Passed},
		},
	}, err
}

func flat(header http.Header) map[string]string {
	all := map[string]string{}
	for name, values := range header {
		all[name] = strings.Join(values, ", ")
	}
	return all
}

// receive keeps a webhook.
func (r *recorder) receive(w http.ResponseWriter, request *http.Request) {
	text, err := io.ReadAll(request.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var body struct {
		ID string `json:"transaction_id"`
	}
	_ = json.Unmarshal(text, &body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received[body.ID] = append(r.received[body.ID], evidence.Webhook{
		Label: "call 1", N: len(r.received[body.ID]) + 1, Step: 1, After: evidence.Span(r.elapsed - r.sent[body.ID]),
		Headers: flat(request.Header), Body: string(text), Answered: 200,
	})
}

// removeRules deletes a provider's orchestration rules.
func (r *recorder) removeRules(psp string) error {
	rules, err := r.sim.Demo.BackOffice().Rules(context.Background())
	if err != nil {
		return err
	}
	for _, rule := range rules {
		if rule.PSP != psp {
			continue
		}
		if _, err := r.sim.Demo.BackOffice().DeleteRule(context.Background(), rule.ID); err != nil {
			return err
		}
	}
	return nil
}

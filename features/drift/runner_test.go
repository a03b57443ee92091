package drift_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/features"
	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/simtest"
)

// run runs the features of some names.
func run(t *testing.T, target *target.Target, names string) *evidence.Run {
	t.Helper()
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	seen, err := runner.Run(context.Background(), runner.Config{Features: features.All(), Target: target, Name: names})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// onThisMachine compares runs of this machine, where how long an answer took says only what else the machine did.
func onThisMachine(a, b *evidence.Run, c *openapi.Contract) *drift.Report {
	return drift.CompareWithin(a, b, c, drift.Bounds{Answer: time.Hour})
}

// only is the part of a run that features of some names have.
func only(seen *evidence.Run, names string) *evidence.Run {
	part := *seen
	part.Features = slices.DeleteFunc(slices.Clone(seen.Features), func(f evidence.Feature) bool {
		return !regexp.MustCompile(names).MatchString(f.URI)
	})
	return &part
}

// standin is a Sandbox for the runner: it answers as the simulator after it does, but for its deviations. Calls and webhooks go
// through it.
type standin struct {
	upstream string
	changes  []deviation

	mu   sync.Mutex
	held map[string]*http.Request // the first webhook of a payment whose first two change places, by transaction id
	seen map[string]int           // webhooks by transaction id
	none map[string]bool          // transaction ids of payments that were refused, though the simulator behind made them
}

// newStandin is a target that looks like any running simulator, but is a stand-in.
func newStandin(t *testing.T, changes ...deviation) *target.Target {
	t.Helper()
	s := &standin{changes: changes, held: map[string]*http.Request{}, seen: map[string]int{}, none: map[string]bool{}}
	front := httptest.NewServer(s)
	t.Cleanup(front.Close)
	sim := simtest.Start(t, simtest.Config(func(c *simulator.Config) {
		c.Seed, c.ClockStart = 77, time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC)
	}))
	s.upstream = sim.URL
	admin := httptest.NewServer(redirecting(sim.AdminURL, front.URL))
	t.Cleanup(admin.Close)
	target, err := target.Running(context.Background(), target.RunningConfig{URL: front.URL, AdminURL: admin.URL})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func (s *standin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if target, ok := strings.CutPrefix(r.URL.Path, "/hook/"); ok {
		if !s.webhook(r, "http://"+target, body) {
			w.WriteHeader(http.StatusInternalServerError)
		}
		return
	}
	sent := body
	for _, d := range s.changes {
		sent = d.changesRequest(sent)
	}
	answered := forward(w, r, s.upstream+r.URL.Path, sent)
	if answered == nil {
		return
	}
	text, a := answered.text, &answer{status: answered.StatusCode, header: answered.Header, body: decode(answered.text)}
	for _, d := range s.changes {
		if changed, ok := d.changesAnswer(body, a); ok {
			text = changed
		}
	}
	if made, ok := decode(answered.text)["data"].(map[string]any); ok && answered.StatusCode == http.StatusOK && a.status/100 != 2 {
		s.mu.Lock()
		s.none[fmt.Sprint(made["transactionId"])] = true
		s.mu.Unlock()
	}
	respond(w, a.status, a.header, text)
}

// webhook sends a webhook on to its target, changed by a deviation.
func (s *standin) webhook(r *http.Request, target string, text []byte) (acknowledged bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := webhook{header: r.Header, body: decode(text)}
	payment, _ := h.body["transaction_id"].(string)
	if s.none[payment] {
		return true
	}
	i := slices.IndexFunc(s.changes, func(d deviation) bool { return d.meant(h.body) })
	if i < 0 {
		return post(target, h.header, text)
	}
	d := s.changes[i]
	s.seen[payment]++
	h.n = s.seen[payment]
	acknowledged = true
	switch {
	case d.unheard == h.n:
		return false
	case d.swap && h.n == 1 && h.body["status"] != "ERROR": // after which the payment is still open
		s.held[payment] = r
		r.Body = io.NopCloser(bytes.NewReader(text))
		return true
	case d.webhook == nil:
		acknowledged = post(target, h.header, text)
	default:
		for _, out := range d.webhook(&h) {
			acknowledged = post(target, out.header, encoded(out.body, out.raw))
		}
	}
	if first := s.held[payment]; first != nil {
		delete(s.held, payment)
		kept, _ := io.ReadAll(first.Body)
		post(target, first.Header, kept)
	}
	return acknowledged
}

// post sends a webhook, and reports whether it was acknowledged.
func post(target string, header http.Header, body []byte) bool {
	request, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return false
	}
	request.Header = header.Clone()
	request.Header.Del("Content-Length")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode/100 == 2
}

// answered is an answer with its body read.
type answered struct {
	*http.Response
	text []byte
}

// forward sends a request on and returns its answer; nil when there is none, and the caller got a 502.
func forward(w http.ResponseWriter, r *http.Request, target string, body []byte) *answered {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, target, bytes.NewReader(body))
	if err == nil {
		request.Header = r.Header.Clone()
		var response *http.Response
		if response, err = http.DefaultClient.Do(request); err == nil {
			defer response.Body.Close()
			var text []byte
			if text, err = io.ReadAll(response.Body); err == nil {
				return &answered{response, text}
			}
		}
	}
	w.WriteHeader(http.StatusBadGateway)
	return nil
}

func respond(w http.ResponseWriter, status int, header http.Header, body []byte) {
	for name, values := range header {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// redirecting forwards calls of the admin API, with the stand-in's address for webhooks instead of the runner's.
func redirecting(upstream, front string) http.Handler {
	hooks := regexp.MustCompile(`http://(127\.0\.0\.1:\d+/[a-z0-9]+/webhooks)`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if a := forward(w, r, upstream+r.URL.RequestURI(), hooks.ReplaceAll(body, []byte(front+"/hook/$1"))); a != nil {
			respond(w, a.StatusCode, a.Header, a.text)
		}
	})
}

// With the real runner and real features there is no difference to a stand-in that does not deviate; each of those that do is
// reported under its rule, once, and nothing else is, though scenarios now fail half way.
func TestStandins(t *testing.T) {
	t.Parallel()
	simulator, err := target.Simulator("test")
	if err != nil {
		t.Fatal(err)
	}
	all := standins()
	var psps, more []string
	for _, d := range all {
		psps = append(psps, d.psp)
		if d.more != "" {
			more = append(more, d.more)
		}
	}
	before := run(t, simulator, featuresOf(slices.Compact(slices.Sorted(slices.Values(psps))), more))
	c := contract(t)
	limit := make(chan struct{}, 4)
	for _, d := range append(all, deviation{name: "no deviation", psp: "WORLDPAY_EU"}) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			limit <- struct{}{}
			defer func() { <-limit }()
			d.alone = d.more == ""
			names := featuresOf([]string{d.psp}, []string{d.more})
			seen := run(t, newStandin(t, d), names)
			r := onThisMachine(only(before, names), seen, c)
			reported(t, r, []deviation{d})
			if text, decided := learns(t, d, only(before, names), seen); decided {
				reproduces(t, d, text, seen, names)
			}
		})
	}
	for i, together := range five(all) {
		var names, more []string
		for _, d := range together {
			names, more = append(names, d.name), append(more, d.more)
		}
		t.Run(fmt.Sprint("five at a time, ", i+1), func(t *testing.T) {
			t.Parallel()
			limit <- struct{}{}
			defer func() { <-limit }()
			features := featuresOf(pspsOf(together), more)
			seen := run(t, newStandin(t, together...), features)
			d := deviation{name: strings.Join(names, ", "), wants: together[0].wants}
			if text, decided := learns(t, d, only(before, features), seen); decided {
				reproduces(t, d, text, seen, features)
			}
		})
	}
}

// Two runs of what webhooks can be like differ in nothing, though some of them are cut off, sent twice or late.
func TestMisbehavingWebhooksTwice(t *testing.T) {
	t.Parallel()
	var runs []*evidence.Run
	for range 2 {
		simulator, err := target.Simulator("test")
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run(t, simulator, "^webhooks/"))
	}
	noDifference(t, onThisMachine(runs[0], runs[1], contract(t)))
}

// five draws combinations of five deviations, each of another provider, of those that are learned and reproduced when they are alone.
func five(all []deviation) (combinations [][]deviation) {
	all = slices.DeleteFunc(slices.Clone(all), func(d deviation) bool { return needPerson()[d.name]+notReproduced()[d.name] != "" })
	rand.New(rand.NewPCG(12, 5)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for len(combinations) < 3 {
		var together []deviation
		for _, d := range all {
			if len(together) < 5 && !slices.Contains(pspsOf(together), d.psp) {
				together = append(together, d)
			}
		}
		all = slices.DeleteFunc(all, func(d deviation) bool {
			return slices.ContainsFunc(together, func(other deviation) bool { return other.name == d.name })
		})
		combinations = append(combinations, together)
	}
	return combinations
}

// featuresOf names the features of providers, and more.
func featuresOf(psps, more []string) (names string) {
	var all []string
	for _, psp := range psps {
		if psp != "" {
			name := strings.TrimSuffix(strings.ToLower(psp), "_eu")
			all = append(all, "payments/"+name, "errors/requests_of_"+name)
		}
	}
	return "^(" + strings.Join(slices.DeleteFunc(append(all, more...), func(name string) bool { return name == "" }), "|") + ")"
}

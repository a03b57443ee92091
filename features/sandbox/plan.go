package sandbox

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/openapi"
)

// Plan is what a run would send, as far as a simulator that answers by the contract can tell.
type Plan struct {
	Target    string
	Scenarios int            // that are run
	NotRun    map[string]int // how many are not, by reason
	Ended     int            // that a run before has sent, and this one doesn't
	Again     []string       // whose calls a run before has sent, all or some, and that are sent a second time
	Calls     int
	Payments  map[string]int    // by provider: calls that are accepted
	Failed    map[string]int    // by provider: calls that are refused, or fail at the provider
	Money     map[string]string // by type and currency: the sum
	Webhooks  int               // that are waited for
	Persons   int               // payments that a person pays on a provider's page
	Lasts     time.Duration     // at the given pace, without what webhooks and persons take
	Patience  time.Duration     // how long each webhook is waited for at most
	Pace      float64           // calls a second; 0 = as many as are answered
	Retries   int
}

// gatewayTimeout is how long a call hangs that ends in a 504.
const gatewayTimeout = 30 * time.Second

// newPlan reads a plan out of a rehearsal. begun is the run that is resumed, nil = none.
func newPlan(rehearsal, begun *evidence.Run, profile target.Profile, retries int) (Plan, error) {
	p := Plan{
		Target: profile.BaseURL, NotRun: map[string]int{}, Payments: map[string]int{}, Failed: map[string]int{}, Money: map[string]string{},
		Patience: profile.Patience, Pace: profile.CallsPerSecond, Retries: retries,
	}
	before := runner.Resumed{}
	if begun != nil {
		before = runner.Resume(begun)
	}
	sums := map[string]decimal.Decimal{}
	for _, s := range rehearsal.Scenarios() {
		seen, ended := before.Of(s.ID, s.Steps)
		switch {
		case ended:
			p.Ended++
		case s.Status == evidence.NotRun && s.Sent() == 0:
			p.NotRun[s.Reason]++
		default:
			if p.Scenarios++; seen != nil {
				p.Again = append(p.Again, s.ID)
			}
			if err := p.add(s, profile, sums); err != nil {
				return p, fmt.Errorf("%s: %w", s.ID, err)
			}
		}
	}
	for name, sum := range sums {
		p.Money[name] = sum.Pad(2).String()
	}
	if p.Pace > 0 {
		p.Lasts += time.Duration(float64(p.Calls) / p.Pace * float64(time.Second))
	}
	return p, nil
}

// add adds what a scenario sends and waits for.
func (p *Plan) add(s *evidence.Scenario, profile target.Profile, sums map[string]decimal.Decimal) error {
	p.Calls += s.Sent()
	p.Webhooks += len(s.Webhooks)
	for _, step := range s.Steps {
		if strings.HasPrefix(step.Text, "no further webhook") {
			p.Lasts += profile.Quiet
		}
	}
	accepted := 0
	for _, e := range s.Exchanges {
		if e.Control || e.PSP == "" {
			continue
		}
		if e.Answer.Status == http.StatusGatewayTimeout {
			p.Lasts += gatewayTimeout
		}
		if e.Answer.Status != http.StatusOK {
			p.Failed[e.PSP]++
			continue
		}
		accepted++
		p.Payments[e.PSP]++
		doc, err := openapi.Decode([]byte(e.Request.Body))
		if err != nil {
			continue // a request that is too long to be kept whole
		}
		amount, err := decimal.Parse(doc.Text("baseamount"))
		if err != nil {
			continue // an answer that repeats an earlier one
		}
		name := e.Type + " " + cmp.Or(doc.Text("currency"), doc.Text("currencyCode"), "in the company's currency")
		if sums[name], err = sums[name].Add(amount); err != nil {
			return err
		}
	}
	if slices.Contains(s.Tags, "@shopper") && profile.Shopper == "person" {
		p.Persons += accepted
	}
	return nil
}

// Write prints the plan.
func (p Plan) Write(out io.Writer) error {
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	say("Plan for %s", p.Target)
	say("  scenarios  %d", p.Scenarios)
	say("  calls      %d, of which %d make a payment", p.Calls, sum(p.Payments))
	for _, psp := range slices.Sorted(maps.Keys(merged(p.Payments, p.Failed))) {
		say("  provider   %-12s %d payments, %d calls without", psp, p.Payments[psp], p.Failed[psp])
	}
	for _, name := range slices.Sorted(maps.Keys(p.Money)) {
		say("  money      %s %s", name, p.Money[name])
	}
	pace := "as fast as it answers"
	if p.Pace > 0 {
		pace = fmt.Sprintf("at %g calls a second", p.Pace)
	}
	say("  duration   about %s %s", p.Lasts.Round(time.Second), pace)
	if p.Webhooks > 0 {
		say("             and the time until %d webhooks arrive, each at most %s", p.Webhooks, p.Patience)
	}
	if p.Persons > 0 {
		say("             and the time until you have paid %d payments where the run says", p.Persons)
	}
	if p.Retries > 0 {
		say("  a scenario that fails is sent again, up to %d times", p.Retries)
	}
	if p.Ended > 0 {
		say("  ended      %d in the run before: not sent again", p.Ended)
	}
	if len(p.Again) > 0 {
		say("  SENT A SECOND TIME, because the run before was interrupted while they ran, or their steps have changed since:")
		for _, id := range p.Again {
			say("    %s", id)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(p.NotRun)) {
		say("  not run: %d, %s", p.NotRun[reason], reason)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func sum(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

func merged(a, b map[string]int) map[string]int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

package scenario

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/condition"
)

// check adds what the contract can't say: settings that contradict each other, and what a provider can't do.
func (r Reader) check(p *openapi.Problems, s *Scenario) {
	checkMatch(p, s)
	checkAnswer(p, &s.Answer, s.Shopper != nil)
	checkShopper(p, s)
	checkWebhooks(p, s)
	checkOutage(p, s.Outage)
	if operations := r.operations(s.Match.PSP, ""); s.Match.PSP != "" && len(operations) > 0 {
		checkProvider(p, s, operations)
	}
	if s.Match.When != nil {
		*p = append(*p, s.Match.When.Check("match.when", vocabulary(r.operations(s.Match.PSP, s.Match.Type)))...)
	}
}

// operations lists the requests of a provider's flow; "" means every provider, every flow.
func (r Reader) operations(psp, flow string) (found []*openapi.Operation) {
	for _, op := range r.Cashier.Operations() {
		if (psp == "" || op.PSP == psp) && (flow == "" || op.Type == flow) {
			found = append(found, op)
		}
	}
	return found
}

// settings are names of a scenario's fields, and whether they are set.
type settings []struct {
	name string
	set  bool
}

// names returns those that are set.
func (s settings) names() (names []string) {
	for _, setting := range s {
		if setting.set {
			names = append(names, setting.name)
		}
	}
	return names
}

func checkMatch(p *openapi.Problems, s *Scenario) {
	if !s.Match.Named {
		return
	}
	set := settings{
		{"chance", s.Chance > 0}, {"match.nth", s.Match.Nth > 0}, {"match.when", s.Match.When != nil}, {"times", s.Times > 0},
	}
	for _, name := range set.names() {
		p.Add(name, "must not be set beside match.named: who names it has chosen")
	}
}

// An HTTP field name (RFC 9110).
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

func checkAnswer(p *openapi.Problems, a *Answer, shopper bool) {
	refusals := settings{{"error", a.Error != ""}, {"voucher", a.Voucher != ""}, {"reason", a.Reason != ""}}
	set := append(refusals, settings{{"http", a.HTTP != nil}, {"fault", a.Fault != NoFault}}...).names()
	for i := 1; i < len(set); i++ {
		p.Add("answer."+set[i], "must not be set beside answer.%s: they are different answers", set[0])
	}
	if shopper && len(refusals.names()) > 0 {
		p.Add("shopper", "must not be set beside answer.%s: a call that is refused leads to no page", set[0])
	}
	if a.Rate > 0 && a.Fault != Slow {
		p.Add("answer.rate", "must not be set without fault: slow")
	}
	if a.HTTP == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(a.HTTP.Headers)) {
		if len(name) > 128 || !headerName.MatchString(name) {
			p.Add("answer.http.headers."+name, "must be the name of an HTTP header")
		}
	}
}

func checkShopper(p *openapi.Problems, s *Scenario) {
	if s.Shopper == nil {
		return
	}
	if s.Shopper.Reason != "" && s.Shopper.Action != ActionDecline && s.Shopper.Action != ActionChallengeFail {
		p.Add("shopper.reason", "must not be set unless the shopper's action is decline or challenge-fail")
	}
	if s.Shopper.Action == ActionAbandon && !s.Shopper.After.Zero() {
		p.Add("shopper.after", "must not be set with the action abandon: the payment ends with its session")
	}
}

func checkWebhooks(p *openapi.Problems, s *Scenario) {
	for i, n := range s.Webhooks.Drop {
		path := fmt.Sprintf("webhooks.drop.%d", i)
		switch {
		case n < 1: // the contract names the problem
		case slices.Contains(s.Webhooks.Drop[:i], n):
			p.Add(path, "must not be written twice")
		case s.Then != nil && n > len(s.Then):
			p.Add(path, "must be at most %d: then has that many notifications", len(s.Then))
		case s.Then != nil && s.Then[n-1].Webhook != nil:
			p.Add(fmt.Sprintf("then.%d.webhook", n-1), "must not be set: webhooks.drop says that it is never sent")
		}
	}
}

func checkOutage(p *openapi.Problems, o *Outage) {
	if o == nil {
		return
	}
	if o.PSP == "" {
		p.Add("outage.psp", "must not be missing: match.psp names no provider either")
	}
	switch slow := o.Kind == SlowProvider; {
	case slow && o.Delay == 0:
		p.Add("outage.delay", "must say how late the provider answers, such as 20s")
	case !slow && o.Delay > 0:
		p.Add("outage.delay", "must not be set unless kind is slow")
	}
}

// cryptoPSP is the provider that can be paid too little or too much.
const cryptoPSP = "FORUMPAY"

// checkProvider compares the scenario with what its provider can do.
func checkProvider(p *openapi.Problems, s *Scenario, operations []*openapi.Operation) {
	psp, flows, webhook, voucher := s.Match.PSP, []string(nil), false, false
	for _, op := range operations {
		flows = append(flows, op.Type)
		webhook = webhook || op.Webhook != ""
		voucher = voucher || op.HasField("voucherPin")
	}
	if s.Match.Type != "" && !slices.Contains(flows, s.Match.Type) {
		p.Add("match.type", "must be %s: %s has nothing else", flows[0], psp)
	}
	if s.Answer.Voucher != "" && !voucher {
		p.Add("answer.voucher", "must not be set: %s takes no vouchers", psp)
	}
	if s.Shopper != nil && psp != cryptoPSP {
		switch s.Shopper.Action {
		case ActionUnderpay:
			p.Add("shopper.action", "must not be underpay: only %s can be paid too little", cryptoPSP)
		case ActionOverpay:
			p.Add("shopper.action", "must not be overpay: only %s can be paid too much", cryptoPSP)
		}
	}
	for i, n := range s.Then { // without webhooks, it says how the payment goes on
		if !webhook && n.Webhook != nil {
			p.Add(fmt.Sprintf("then.%d.webhook", i), "must not be set: %s sends no webhooks", psp)
		}
	}
}

// vocabulary is what conditions can read of requests: the fields that one of them has, and their type where it is the same in all that have
// them. A field that the contract doesn't know can be read by request["…"]. What words a field has is left out: a scenario that was kept
// must be valid when the contract's words have changed.
func vocabulary(operations []*openapi.Operation) condition.Vocabulary {
	return func(name string) (found openapi.Field, unknown string) {
		if name == "request" {
			return found, ""
		}
		if part := unknownPart(name, operations); part != "" {
			return found, "there is no field " + part + " in such a request" + cmp.Or(openapi.DidYouMean(part, fieldNames(operations)), longer(part, operations),
				`; if it is sent all the same, write request["`+strings.ReplaceAll(part, ".", `"]["`)+`"]`)
		}
		for _, op := range operations {
			for _, f := range op.Fields() {
				switch {
				case f.Path != name:
				case found.Type == "" || condition.KindOf(f.Type) == condition.KindOf(found.Type):
					found.Type = f.Type
				default:
					return openapi.Field{}, ""
				}
			}
		}
		return found, ""
	}
}

// unknownPart returns as much of a dotted name as it takes to be unknown to all of the requests, "" when one has it.
func unknownPart(name string, operations []*openapi.Operation) string {
	has := func(name string) bool {
		return slices.ContainsFunc(operations, func(op *openapi.Operation) bool { return op.HasField(name) })
	}
	if has(name) {
		return ""
	}
	for i := range name {
		if name[i] == '.' && !has(name[:i]) {
			return name[:i]
		}
	}
	return name
}

// longer asks whether a field was meant whose name has part in it: baseamount, where webhooks have amount.
func longer(part string, operations []*openapi.Operation) string {
	for _, name := range fieldNames(operations) {
		if len(part) > 4 && strings.Contains(strings.ToLower(name), strings.ToLower(part)) {
			return "; did you mean " + name + "?"
		}
	}
	return ""
}

func fieldNames(operations []*openapi.Operation) []string {
	names := map[string]bool{}
	for _, op := range operations {
		for _, f := range op.Fields() {
			names[f.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// check says what the contract can't: settings that contradict each other, and what a provider can't do.
func (r Reader) check(s *Scenario, doc openapi.Document) []problem {
	b := &builder{}
	b.checkMatch(s)
	b.checkAnswer(&s.Answer, s.Shopper != nil)
	b.checkShopper(s)
	b.checkWebhooks(s, doc)
	b.checkOutage(s)
	if operations := r.operations(s.Match.PSP, ""); s.Match.PSP != "" && len(operations) > 0 {
		b.checkProvider(s, operations)
	}
	if s.Match.When != nil {
		b.checkFields(s.Match.When, r.operations(s.Match.PSP, s.Match.Type))
	}
	return b.problems
}

// operations lists the requests of a provider's flow; "" stands for every provider, every flow.
func (r Reader) operations(psp, flow string) (found []*openapi.Operation) {
	for _, op := range r.Cashier.Operations() {
		if (psp == "" || op.PSP == psp) && (flow == "" || op.Type == flow) {
			found = append(found, op)
		}
	}
	return found
}

func (b *builder) checkMatch(s *Scenario) {
	if !s.Match.Named {
		return
	}
	for name, set := range map[string]bool{
		"match.when": s.Match.When != nil, "match.nth": s.Match.Nth > 0, "times": s.Times > 0, "chance": s.Chance > 0,
	} {
		if set {
			b.complain(name, "must not be set beside match.named: who names it has chosen")
		}
	}
	slices.SortFunc(b.problems, func(x, y problem) int { return strings.Compare(x.path, y.path) })
}

// An HTTP field name (RFC 9110).
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")

func (b *builder) checkAnswer(a *Answer, shopper bool) {
	var set []string
	for _, part := range []struct {
		name string
		set  bool
	}{
		{"error", a.Error != ""}, {"voucher", a.Voucher != ""}, {"reason", a.Reason != ""},
		{"http", a.HTTP != nil}, {"fault", a.Fault != NoFault},
	} {
		if part.set {
			set = append(set, part.name)
		}
	}
	for i := 1; i < len(set); i++ {
		b.complain("answer."+set[i], "must not be set beside answer.%s: they are different answers", set[0])
	}
	if refused := a.Error != "" || a.Voucher != "" || a.Reason != ""; shopper && refused {
		b.complain("shopper", "must not be set beside answer.%s: a call that is refused leads to no page", set[0])
	}
	if a.Rate > 0 && a.Fault != Slow {
		b.complain("answer.rate", "must not be set without fault: slow")
	}
	if a.HTTP != nil {
		for _, name := range sortedKeys(a.HTTP.Headers) {
			if !headerName.MatchString(name) {
				b.complain("answer.http.headers."+name, "must be the name of an HTTP header")
			}
		}
	}
}

func (b *builder) checkShopper(s *Scenario) {
	if s.Shopper == nil {
		return
	}
	if s.Shopper.Reason != "" && s.Shopper.Action != ActionDecline && s.Shopper.Action != ActionChallengeFail {
		b.complain("shopper.reason", "must not be set unless the shopper does decline or challenge-fail")
	}
	if s.Shopper.Action == ActionAbandon && !s.Shopper.After.Zero() {
		b.complain("shopper.after", "must not be set when the shopper does abandon: the session's own end decides")
	}
}

func (b *builder) checkWebhooks(s *Scenario, doc openapi.Document) {
	if doc.Has("webhooks.spaced") && s.Webhooks.Copies < 2 {
		b.complain("webhooks.spaced", "must not be set without copies: 2 or more")
	}
	seen := map[int]bool{}
	for i, n := range s.Webhooks.Drop {
		path := fmt.Sprintf("webhooks.drop.%d", i)
		switch {
		case n < 1: // the contract has complained
		case seen[n]:
			b.complain(path, "must not be written twice")
		case s.Then != nil && n > len(s.Then):
			b.complain(path, "must be at most %d: then has that many notices", len(s.Then))
		}
		seen[n] = true
	}
}

func (b *builder) checkOutage(s *Scenario) {
	if s.Outage == nil {
		return
	}
	if s.Outage.PSP == "" {
		b.complain("outage.psp", "must not be missing: match.psp names no provider either")
	}
	switch slow := s.Outage.Kind == SlowProvider; {
	case slow && s.Outage.Delay == 0:
		b.complain("outage.delay", "must say how late the provider answers, such as 20s")
	case !slow && s.Outage.Delay > 0:
		b.complain("outage.delay", "must not be set unless kind is slow")
	}
}

// inexact are the providers that can be paid too little or too much: those of crypto.
var inexact = []string{"FORUMPAY"}

// checkProvider holds the scenario against what its provider can do.
func (b *builder) checkProvider(s *Scenario, operations []*openapi.Operation) {
	psp, flows, webhook, voucher := s.Match.PSP, []string(nil), false, false
	for _, op := range operations {
		flows = append(flows, op.Type)
		webhook = webhook || op.Webhook != ""
		voucher = voucher || op.HasField("voucherPin")
	}
	if s.Match.Type != "" && !slices.Contains(flows, s.Match.Type) {
		b.complain("match.type", "must be %s: %s has nothing else", flows[0], psp)
	}
	if s.Answer.Voucher != "" && !voucher {
		b.complain("answer.voucher", "must not be set: %s takes no vouchers", psp)
	}
	if s.Shopper != nil && !slices.Contains(inexact, psp) {
		switch s.Shopper.Action {
		case ActionUnderpay:
			b.complain("shopper.action", "must not be underpay: only %s can be paid too little", strings.Join(inexact, ", "))
		case ActionOverpay:
			b.complain("shopper.action", "must not be overpay: only %s can be paid too much", strings.Join(inexact, ", "))
		}
	}
	if !webhook && len(s.Then) > 0 {
		b.complain("then", "must be empty: %s sends no webhooks", psp)
	}
}

// checkFields complains about fields that no request has. What the contract doesn't know can be read by request["…"].
func (b *builder) checkFields(when *Expression, operations []*openapi.Operation) {
	for _, f := range when.Fields() {
		name := unknownPart(f.Name, operations)
		if name == "" {
			continue
		}
		reason := "there is no field " + name + " in such a request"
		if near := openapi.Similar(name, fieldNames(operations)); near != nil {
			reason += "; did you mean " + near[0] + "?"
		} else {
			reason += `; if it is sent all the same, write request["` + strings.ReplaceAll(name, ".", `"]["`) + `"]`
		}
		b.problems = append(b.problems, problem{"match.when", "must be a condition: " + reason, f.Line, f.Column})
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

func fieldNames(operations []*openapi.Operation) []string {
	known := map[string]bool{}
	for _, op := range operations {
		for _, f := range op.Fields() {
			known[f.Path] = true
		}
	}
	return sortedKeys(known)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

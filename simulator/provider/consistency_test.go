package provider_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// The list of providers and the contract say the same, both ways.
func TestProvidersAreTheContracts(t *testing.T) {
	t.Parallel()
	c := contract(t)
	var codes []string
	for _, p := range provider.All() {
		codes = append(codes, p.Code)
	}
	if diff := cmp.Diff(c.PSPs(), codes); diff != "" {
		t.Errorf("- contract, + code:\n%s", diff)
	}
	for _, p := range provider.All() {
		for _, flow := range []string{"PAYIN", "PAYOUT"} {
			_, has := p.Flow(flow)
			if _, known := c.Operation(p.Code, flow, ""); has != known {
				t.Errorf("%s %s: in code %t, in the contract %t", p.Code, flow, has, known)
			}
		}
		if _, has := p.Flow("PAYBACK"); has {
			t.Errorf("%s pays back", p.Code)
		}
	}
}

// Each x-rules name has its rule in code, in the same order, and no rule is in code alone.
func TestRulesAreTheContracts(t *testing.T) {
	t.Parallel()
	for _, op := range contract(t).Operations() {
		flow, ok := byCode(t, op.PSP).Flow(op.Type)
		if !ok {
			t.Errorf("%s has no flow", op.Schema)
		}
		var written, coded []string
		for _, r := range op.Rules {
			written = append(written, r.Name)
		}
		for _, r := range flow.Rules {
			coded = append(coded, r.Name)
		}
		if diff := cmp.Diff(written, coded); diff != "" {
			t.Errorf("%s (- contract, + code):\n%s", op.Schema, diff)
		}
	}
}

// The redirect field, the webhook and its currency are where the contract has them.
func TestProvidersFitTheirFlows(t *testing.T) {
	t.Parallel()
	c := contract(t)
	for _, op := range c.Operations() {
		p := byCode(t, op.PSP)
		want := ""
		if p.Redirect != "" && op.Type == "PAYIN" {
			want = "data." + p.Redirect
		}
		if op.Redirect != want {
			t.Errorf("%s: x-flow redirects by %q, the provider by %q", op.Schema, op.Redirect, want)
		}
		if (p.Redirect == "") != (p.Page == provider.NoPage) {
			t.Errorf("%s: redirect %q to the page %q", p.Code, p.Redirect, p.Page)
		}
		if (op.Webhook != "") != p.Webhook {
			t.Errorf("%s: webhook %q, the provider has webhooks: %t", op.Schema, op.Webhook, p.Webhook)
		}
		fields := map[string]openapi.Field{}
		for _, f := range c.FieldsOf(op.Webhook) {
			fields[f.Path] = f
		}
		if _, has := fields["currency"]; p.Webhook && has == p.NoWebhookCurrency {
			t.Errorf("%s: its webhook has a currency: %t", op.Schema, has)
		}
		for _, extra := range p.WebhookExtra {
			if _, has := fields[extra.Name]; !has {
				t.Errorf("%s: the contract's webhook has no %s", op.Schema, extra.Name)
			}
		}
	}
}

// Providers are told apart by all that names them.
func TestProvidersAreDistinct(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, p := range provider.All() {
		for kind, value := range map[string]string{"code": p.Code, "name": p.Name, "slug": p.Slug} {
			if other := seen[kind+value]; value == "" || other != "" {
				t.Errorf("%s and %s share the %s %q", p.Code, other, kind, value)
			}
			seen[kind+value] = p.Code
		}
		if !regexp.MustCompile(`^[a-z]+$`).MatchString(p.Slug) {
			t.Errorf("%s: the slug %q does not fit a path", p.Code, p.Slug)
		}
		for state, word := range map[string]string{
			"pending": p.Words.Pending, "approved": p.Words.Approved, "declined": p.Words.Declined,
			"cancelled": p.Words.Cancelled, "expired": p.Words.Expired,
		} {
			if word == "" {
				t.Errorf("%s has no word for %s", p.Code, state)
			}
		}
	}
}

// A provider's own ids have the form that its webhooks ask for, and differ from payment to payment.
func TestReferences(t *testing.T) {
	t.Parallel()
	c := contract(t)
	for _, op := range c.Operations() {
		p, pattern := byCode(t, op.PSP), ""
		for _, f := range c.FieldsOf(op.Webhook) {
			if f.Path == "psp_transaction_id" {
				pattern = f.Pattern
			}
		}
		first, second := p.PSPTransactionID(random.New(1, "1"), "665f1c2ab7e4d93a5c0f1a01"), p.PSPTransactionID(random.New(1, "2"), "665f1c2ab7e4d93a5c0f1a02")
		if first == "" || first == second || first != p.PSPTransactionID(random.New(1, "1"), "665f1c2ab7e4d93a5c0f1a01") {
			t.Errorf("%s: references %q and %q", p.Code, first, second)
		}
		if !regexp.MustCompile(pattern).MatchString(first) {
			t.Errorf("%s: the reference %s does not match %s", op.Schema, first, pattern)
		}
	}
}

func envelope(a provider.Answer, masked bool) []byte {
	fields := provider.Fields{{Name: "status", Value: "success"}}
	if a.Message != "" {
		fields = append(fields, provider.Field{Name: "message", Value: a.Message})
	}
	return append(fields, provider.Field{Name: "isSuccess", Value: true}, provider.Field{Name: "data", Value: a.Data}).Append(nil, masked)
}

// Every answer matches the contract, redirects where the contract says, moves the payment by a legal move, and
// shows no secret where it is masked.
func TestAnswersHold(t *testing.T) {
	t.Parallel()
	for _, op := range contract(t).Operations() {
		for _, outcome := range []scenario.OutcomeKind{scenario.Unspecified, scenario.Approve, scenario.Decline, scenario.Challenge, scenario.MethodChallenge, scenario.NotAuthenticated, scenario.Error} {
			t.Run(op.Schema+" "+string(outcome), func(t *testing.T) {
				t.Parallel()
				answerHolds(t, op, outcome)
			})
		}
	}
}

func answerHolds(t *testing.T, op *openapi.Operation, outcome scenario.OutcomeKind) {
	p := byCode(t, op.PSP)
	flow, _ := p.Flow(op.Type)
	c := call(t, p, op)
	c.TestOutcome.Kind = outcome
	for _, r := range flow.Rules {
		if r.Check == nil {
			continue
		}
		if err := r.Check(c); err != nil {
			t.Errorf("its example breaks %s: %v", r.Name, err)
		}
	}
	answer, err := flow.Answer(c)
	var rejected *provider.Rejection
	if errors.As(err, &rejected) && outcome == scenario.Decline {
		if rejected.Message == "" || len(rejected.Data) == 0 {
			t.Errorf("rejected without a reason: %+v", rejected)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, masked := range []bool{false, true} {
		doc := decode(t, string(envelope(answer, masked)))
		if err := c.Contract.ValidateAs(op.Answer, doc); err != nil && !masked {
			t.Errorf("%v: %s", err, doc.Raw)
		}
		if got := doc.Text(op.Redirect); op.Redirect != "" && got != "" && !strings.HasPrefix(got, "http://127.0.0.1:8080/pay/"+p.Slug+"/"+c.Terms.Session) {
			t.Errorf("redirects to %s", got)
		}
	}
	if answer.Status != "" && !payment.Created.May(answer.Status) {
		t.Errorf("a payment can't be opened as %s", answer.Status)
	}
	for _, secret := range secrets(answer.Data) {
		if bytes.Contains(envelope(answer, true), []byte(secret)) || !bytes.Contains(envelope(answer, false), []byte(secret)) {
			t.Errorf("the secret %s is shown in the wrong place", secret)
		}
	}
}

func secrets(fields provider.Fields) (found []string) {
	for _, f := range fields {
		switch value := f.Value.(type) {
		case provider.Secret:
			found = append(found, value.Clear)
		case provider.Fields:
			found = append(found, secrets(value)...)
		}
	}
	return found
}

// What the contract marks as secret in an answer is a Secret in code: journal and logs never see it.
func TestMarkedSecretsAreSecrets(t *testing.T) {
	t.Parallel()
	for _, op := range contract(t).Operations() {
		p := byCode(t, op.PSP)
		flow, _ := p.Flow(op.Type)
		c := call(t, p, op)
		answer, err := flow.Answer(c)
		if err != nil {
			t.Fatal(err)
		}
		clear, masked := decode(t, string(envelope(answer, false))), decode(t, string(envelope(answer, true)))
		for _, f := range c.Contract.FieldsOf(op.Answer) {
			if f.Secret && clear.Has(f.Path) && clear.Text(f.Path) == masked.Text(f.Path) {
				t.Errorf("%s: %s is not masked", op.Schema, f.Path)
			}
		}
	}
}

// ForumPay refuses everything without a payer id (documented).
func TestForumPayPayerID(t *testing.T) {
	t.Parallel()
	p := byCode(t, "FORUMPAY")
	for _, flow := range []string{"PAYIN", "PAYOUT"} {
		op, _ := contract(t).Operation("FORUMPAY", flow, "")
		c := call(t, p, op)
		c.PSP = configuration(t, `{}`)
		f, _ := p.Flow(flow)
		_, err := f.Answer(c)
		var transport *provider.TransportError
		if !errors.As(err, &transport) {
			t.Fatalf("got %v", err)
		}
		if diff := cmp.Diff(provider.TransportError{Code: provider.Unknown, Data: "Payer ID is required"}, *transport); diff != "" {
			t.Error(diff)
		}
	}
}

// The largest and the smallest amounts go through ForumPay's exchange too.
func TestForumPayExchange(t *testing.T) {
	t.Parallel()
	p := byCode(t, "FORUMPAY")
	op, _ := contract(t).Operation("FORUMPAY", "PAYOUT", "")
	for _, crypto := range []string{"BTC", "ETH", "USDT", "DOGE"} {
		for _, amount := range []string{"0.01", "1", "999999999999.99"} {
			c := call(t, p, op)
			c.Request.Fields["preferredCrypto"] = crypto
			c.Amount = money.MustParse(amount)
			answer, err := p.PayOut.Answer(c)
			if err != nil {
				t.Errorf("%s in %s: %v", amount, crypto, err)
				continue
			}
			doc := decode(t, string(envelope(answer, false)))
			if err := c.Contract.ValidateAs(op.Answer, doc); err != nil {
				t.Error(err)
			}
			rate, err := money.Parse(doc.Text("data.rate"), 4)
			if err != nil || !rate.Positive() {
				t.Errorf("the rate of %s is %q", crypto, doc.Text("data.rate"))
			}
		}
	}
}

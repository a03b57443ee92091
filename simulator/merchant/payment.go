package merchant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
)

// CallTimeout bounds a call of the Cashier API: longer than any delay that the simulator simulates.
const CallTimeout = 2 * time.Minute

// ErrURL says that the URL of a Cashier API is none.
var ErrURL = errors.New("the Cashier API's URL must be an http or https URL")

// Simulator mints the tokens of the company that calls, and lists its payments: an adminapi.CompanyClient, or the demo shop.
type Simulator interface {
	Tokens(ctx context.Context, user string) (adminapi.Tokens, error)
	Payments(ctx context.Context, q adminapi.PaymentQuery) (adminapi.PaymentList, error)
}

// Order is a call of the Cashier API, valid or not.
type Order struct {
	Body     []byte
	Scenario string        // "" = none is named
	URL      string        // of the Cashier API; "" = what the simulator says
	Within   time.Duration // bounds the call; 0 = the context alone does
	Follow   bool          // whether redirects are followed, such as a proxy's to TLS
}

// Call is an order that was sent.
type Call struct {
	Payment string // the id of the payment that it made, "" when it made none
	Answer  adminapi.CashierAnswer
	url     string // of the Cashier API that was called
}

// Send makes the call by a transport, nil for the network's. It finds the payment that was not there before, so that it is found even
// when the answer is lost or malformed.
func (o Order) Send(ctx context.Context, by http.RoundTripper, at Simulator) (made Call, err error) {
	tokens, err := at.Tokens(ctx, "")
	if err != nil {
		return made, err
	}
	before, err := Newest(ctx, at)
	if err != nil {
		return made, err
	}
	if err := made.send(ctx, by, tokens, o); err != nil {
		return made, err
	}
	return made, made.find(ctx, at, o.reference(), before.Ordinal)
}

// longestReference is how long a merchantReference is at most, in characters, for payments to be listed by it.
const longestReference = 256

// reference is the merchantReference in the body, "" where there is none that payments are listed by.
func (o Order) reference() string {
	body, _ := openapi.Decode(o.Body) // what can't be read makes no payment
	text := body.Text("merchantReference")
	if utf8.RuneCountInString(text) > longestReference {
		return ""
	}
	return text
}

// send calls the Cashier API. The public URL that the simulator knows may be meant for others than us, as in a
// container: when nothing listens there, the call goes to where serve puts the Cashier API.
func (c *Call) send(ctx context.Context, by http.RoundTripper, tokens adminapi.Tokens, o Order) error {
	within := ctx
	if o.Within > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, o.Within)
		defer cancel()
	}
	urls := []string{strings.TrimRight(o.URL, "/")}
	if urls[0] == "" {
		urls = []string{strings.TrimSuffix(tokens.URL, openapi.CashierPath), DefaultURL}
	}
	client := &http.Client{Transport: by}
	if !o.Follow {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	for i, base := range urls {
		tokens.URL = base + openapi.CashierPath
		answer, err := tokens.Call(within, client, o.Body, o.Scenario)
		if err != nil {
			return ErrURL
		}
		if i == 0 || answer.Status != 0 {
			c.Answer, c.url = answer, base
		}
		if refused, ok := errors.AsType[*net.OpError](answer.Err); !ok || refused.Op != "dial" {
			break
		}
	}
	return ctx.Err()
}

// find finds the payment among those with the reference that are newer than the one with an ordinal: the one that the answer names, else
// the newest, which may be another call's where there is no reference: Kept knows better.
func (c *Call) find(ctx context.Context, at Simulator, reference string, after uint64) error {
	list, err := at.Payments(ctx, adminapi.PaymentQuery{MerchantReference: reference, Page: adminapi.Page{Limit: 20}})
	for _, p := range list.Payments {
		isNamed := bytes.Contains(c.Answer.Body, []byte(p.ID))
		if p.Ordinal > after && (isNamed || c.Payment == "") {
			c.Payment = p.ID
		}
	}
	return err
}

// Kept reads what the simulator keeps of the call. It names the payment that the call made, however many others are made meanwhile. ok is
// false when nothing is kept.
func (c *Call) Kept(ctx context.Context, company *adminapi.CompanyClient) (kept adminapi.Request, ok bool) {
	if c.Answer.Request == "" {
		return kept, false
	}
	kept, err := company.Requests().Request(ctx, c.Answer.Request)
	if err != nil {
		return kept, false
	}
	c.Payment = kept.Payment
	return kept, true
}

// Refusal is the error of a call that made no payment.
func (c *Call) Refusal() error {
	switch why := c.Answer.Request; {
	case c.Answer.Status == 0:
		return fmt.Errorf("no Cashier API answers at %s: say where it is with --url or MOZARTOSIM_URL (%w)", c.url, c.Answer.Err)
	case c.Answer.Status == http.StatusNotFound:
		return fmt.Errorf("no payment was made: %s answered 404: is this the admin API? Say where the Cashier API is with --url or MOZARTOSIM_URL", c.url)
	case why != "":
		return fmt.Errorf("no payment was made: %s; why: mozartosim requests %s", c.Answer.Failure(), why)
	}
	return errors.New("no payment was made: " + c.Answer.Failure())
}

// Newest returns the company's newest payment; a zero value when there is none.
func Newest(ctx context.Context, at Simulator) (p adminapi.PaymentSummary, err error) {
	list, err := at.Payments(ctx, adminapi.PaymentQuery{Page: adminapi.Page{Limit: 1}})
	if err != nil || len(list.Payments) == 0 {
		return p, err
	}
	return list.Payments[0], nil
}

// finalError says that a payment ended with its own call, so that its outcome can't be chosen any more.
type finalError struct{ error }

// IsFinal says whether an error of Drive is that the payment's outcome can't be chosen any more.
func IsFinal(err error) bool {
	var final finalError
	return errors.As(err, &final) || adminapi.StatusOf(err) == http.StatusConflict
}

// Drive chooses a payment's outcome: an admin's approval where it waits for one, then the shopper's decision. reason is why it is
// declined or rejected, "" for the usual one.
func Drive(ctx context.Context, company *adminapi.CompanyClient, p adminapi.Payment, outcome, reason string) (err error) {
	if outcome == "reject" {
		_, err := company.Reject(ctx, p.ID, reason)
		return err
	}
	if p.Status == string(payment.AwaitingApproval) {
		if p, err = company.Approve(ctx, p.ID); err != nil {
			return err
		}
	}
	status := payment.Status(p.Status)
	switch {
	case outcome == "approve" && status == payment.Approved, outcome == "decline" && status == payment.Declined:
		return nil // some providers' answers are final
	case status == payment.Failed, !status.Open() && p.Failure() != "" && len(p.Notifications) == 0:
		says := fmt.Sprintf("payment %s is %s and needs no decision, so it can't end with %s", p.ID, p.Status, outcome)
		if answer := p.Failure(); answer != "" {
			says += ": its call was answered " + answer
		}
		return finalError{errors.New(says)}
	}
	_, err = company.Decide(ctx, p.ID, adminapi.DecisionInput{Action: outcome, Reason: reason})
	return err
}

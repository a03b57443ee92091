package merchant

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
)

// CallTimeout bounds a call of the Cashier API: longer than any delay that the simulator simulates.
const CallTimeout = 2 * time.Minute

// ErrURL says that the URL of a Cashier API is none.
var ErrURL = errors.New("the Cashier API's URL must be an http or https URL")

// Order is a call that is to make a payment.
type Order struct {
	Body      []byte
	Reference string // the merchantReference in it
	Scenario  string // "" = none is named
	URL       string // of the Cashier API; "" = what the admin API says
	After     uint64 // the ordinal of the company's newest payment before
}

// Call is an order that was sent.
type Call struct {
	Payment string // the id of the payment that it made
	Answer  adminapi.CashierAnswer
	url     string // of the Cashier API that was called
}

// Send makes the call. It finds the payment by its reference, so that it is found even when the answer is lost or malformed; the error
// says why there is none.
func (o Order) Send(ctx context.Context, client *http.Client, company *adminapi.CompanyClient) (made Call, err error) {
	tokens, err := company.Tokens(ctx, "")
	if err != nil {
		return made, err
	}
	if err := made.send(ctx, client, tokens, o); err != nil {
		return made, err
	}
	newest, err := Newest(ctx, company, o.Reference)
	switch {
	case err != nil:
		return made, err
	case newest.ID == "" || newest.Ordinal <= o.After:
		return made, made.refusal()
	}
	made.Payment = newest.ID
	return made, nil
}

// send calls the Cashier API. The public URL that the admin API knows may be meant for others than us, as in a container: when nothing
// listens there, the call goes to where serve puts the Cashier API.
func (c *Call) send(ctx context.Context, client *http.Client, tokens adminapi.Tokens, o Order) error {
	within, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	urls := []string{strings.TrimRight(o.URL, "/")}
	if urls[0] == "" {
		urls = []string{strings.TrimSuffix(tokens.URL, openapi.CashierPath), DefaultURL}
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

// refusal is the error of a call that made no payment.
func (c *Call) refusal() error {
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

// Newest returns the company's newest payment, or the newest with a reference; a zero value when there is none.
func Newest(ctx context.Context, company *adminapi.CompanyClient, reference string) (p adminapi.PaymentSummary, err error) {
	list, err := company.Payments(ctx, adminapi.PaymentQuery{MerchantReference: reference, Page: adminapi.Page{Limit: 1}})
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

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	cashier "mozartosim/simulator/api"
	"mozartosim/simulator/money"
)

// patience bounds a call of the Cashier API: longer than any hang that it simulates.
const patience = 2 * time.Minute

// callAnswer is what came of the merchant's call.
type callAnswer struct {
	says     string // in words; "" when all is well
	redirect string
}

// make makes a payment by a valid call of the Cashier API. It finds the payment by its reference in the journal, so that
// a lost or broken answer is no hindrance.
func (how triggerFlags) make(ctx context.Context, api *admin, args []string) (id string, made callAnswer, err error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return "", made, err
	}
	op, err := findOperation(contract, args[0], how.kind, how.variant)
	if err != nil {
		return "", made, err
	}
	if err := fits(how.outcome(args), op.PSP, op.Type); err != nil {
		return "", made, err
	}
	before, err := api.newest(ctx, "")
	if err != nil {
		return "", made, err
	}
	if how.reference == "" {
		how.reference = fmt.Sprintf("trigger-%d", before.Ordinal+1)
	}
	body, err := how.request(op, how.outcome(args))
	if err != nil {
		return "", made, err
	}
	how.locate(ctx, api)
	status, text, failed, err := how.send(ctx, api, body)
	if err != nil {
		return "", made, err
	}
	if failed != nil && ctx.Err() != nil {
		return "", made, failed
	}
	after, err := api.newest(ctx, how.reference)
	switch {
	case err != nil:
		return "", made, err
	case after.ID == "" || after.Ordinal <= before.Ordinal:
		return "", made, how.refused(status, text, failed)
	}
	return after.ID, callAnswer{howAnswered(status, text, failed), redirectOf(op, text)}, nil
}

// newest returns the company's newest payment, or that with a reference; the zero value when there is none.
func (a *admin) newest(ctx context.Context, reference string) (p paymentShown, err error) {
	var list struct {
		Payments []paymentShown `json:"payments"`
	}
	q := a.of(query("merchantReference", reference, "limit", "1"))
	if _, err := a.ask(ctx, http.MethodGet, "/v1/payments", q, nil, &list); err != nil || len(list.Payments) == 0 {
		return p, err
	}
	return list.Payments[0], nil
}

// request is the smallest fixture that can lead to the outcome, with the amount and the reference that were asked for.
func (how triggerFlags) request(op *openapi.Operation, outcome string) (json.RawMessage, error) {
	body, err := how.fixture(op, outcome)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	fields["merchantReference"] = quoted(how.reference)
	if how.amount != "" {
		amount, err := money.Parse(how.amount, 2)
		if err != nil {
			return nil, wrong("--amount %q must be a number with at most two decimals, such as 12.50", how.amount)
		}
		fields["baseamount"] = json.RawMessage(amount.Fixed(2))
	}
	if how.brand != "" {
		fields["brandId"] = quoted(how.brand)
	}
	pin, err := how.voucher(op, outcome, fields["voucherPin"] != nil)
	if err != nil {
		return nil, err
	}
	if pin != "" {
		fields["voucherPin"] = quoted(pin)
	}
	return json.Marshal(fields)
}

// quoted is a string in JSON.
func quoted(value string) json.RawMessage {
	text, _ := json.Marshal(value) // a string can always be written
	return text
}

// fixture picks a request: a declined card for a decline, and for what only a challenged shopper can do a card that is
// challenged; the minimal one otherwise.
func (how triggerFlags) fixture(op *openapi.Operation, outcome string) (json.RawMessage, error) {
	kind := "minimal"
	switch {
	case outcome == "decline" && how.reason == "":
		kind = "declined"
	case outcome != "" && outcome != "approve":
		kind = "challenge"
	}
	requests, err := fixtures.Requests()
	if err != nil {
		return nil, err
	}
	var minimal json.RawMessage
	for _, r := range requests {
		if r.PSP != op.PSP || r.Type != op.Type || r.Variant != op.Variant {
			continue
		}
		switch r.Kind {
		case kind:
			return r.Body, nil
		case "minimal":
			minimal = r.Body
		}
	}
	if minimal == nil {
		return nil, fmt.Errorf("the fixtures have no request of %s %s %s", op.PSP, op.Type, op.Variant)
	}
	return minimal, nil
}

// voucher picks the PIN of a test voucher that is declined, where that is how a provider declines: needed when a request
// cannot do without a PIN, and for the reasons that only vouchers have.
func (how triggerFlags) voucher(op *openapi.Operation, outcome string, needed bool) (string, error) {
	if outcome != "decline" {
		return "", nil
	}
	vouchers, err := fixtures.Vouchers()
	if err != nil {
		return "", err
	}
	var reasons []string
	for _, v := range vouchers {
		if v.PSP != op.PSP || v.Outcome != "decline" {
			continue
		}
		if v.Reason == how.reason || needed && how.reason == "" {
			return v.PIN, nil
		}
		reasons = append(reasons, v.Reason)
	}
	if needed && len(reasons) > 0 {
		return "", wrong("%s has no reason %q for declining: use one of %s", op.PSP, how.reason, strings.Join(reasons, ", "))
	}
	return "", nil
}

// call makes the merchant's call, with the company's tokens.
func (how triggerFlags) call(ctx context.Context, api *admin, body json.RawMessage) (*http.Request, error) {
	if _, err := api.path(ctx); err != nil { // names the first company
		return nil, err
	}
	company, err := runningCompany(ctx, api.url, api.company)
	if err != nil {
		return nil, err
	}
	by, err := mintBoth(company)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, how.base()+openapi.CashierPath, bytes.NewReader(body))
	if err != nil {
		return nil, wrong("--url %q must be an http or https URL, such as %s", how.base(), defaultURL)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+by.company)
	request.Header.Set("x-user-token", "Bearer "+by.user)
	if how.scenario != "" {
		request.Header.Set(cashier.ScenarioHeader, how.scenario)
	}
	return request, nil
}

// locate asks the admin API where the Cashier API is, unless somebody said so. Without an answer it is where serve puts it.
func (how *triggerFlags) locate(ctx context.Context, api *admin) {
	if how.url != "" || environment("MOZARTOSIM_URL", "") != "" {
		return
	}
	path, err := api.path(ctx, "tokens")
	if err != nil {
		return
	}
	var tokens struct {
		URL string `json:"url"`
	}
	if _, err := api.ask(ctx, http.MethodPost, path, nil, nil, &tokens); err == nil {
		how.url, how.found = strings.TrimSuffix(tokens.URL, openapi.CashierPath), true
	}
}

// send makes the merchant's call. Where nobody listens at the public URL that the admin API knows, which may be meant for
// others than us, as in a container, the call goes to where serve puts the Cashier API.
func (how *triggerFlags) send(ctx context.Context, api *admin, body json.RawMessage) (status int, text []byte, failed, err error) {
	call, err := how.call(ctx, api, body)
	if err != nil {
		return 0, nil, nil, err
	}
	status, text, failed = send(call)
	var unheard *net.OpError
	if !how.found || !errors.As(failed, &unheard) || unheard.Op != "dial" || how.base() == defaultURL {
		return status, text, failed, nil
	}
	other := *how
	other.url, other.found = defaultURL, false
	if call, err = other.call(ctx, api, body); err != nil {
		return 0, nil, nil, err
	}
	if again, said, lost := send(call); again != 0 {
		*how = other
		return again, said, lost, nil
	}
	return status, text, failed, nil
}

// send makes the call; the error is that of a lost connection, status 0 when it was lost before the answer.
func send(call *http.Request) (status int, text []byte, err error) {
	client := *adminClient() // both listeners have the same certificate
	client.Timeout = patience
	got, err := client.Do(call)
	if err != nil {
		return 0, nil, cause(err)
	}
	defer got.Body.Close()
	text, err = io.ReadAll(got.Body)
	return got.StatusCode, text, err
}

func (how triggerFlags) base() string { return cashierURL(how.url) }

// refused is the error of a call that made no payment.
func (how triggerFlags) refused(status int, text []byte, failed error) error {
	if trouble := certificateTrouble(how.base(), failed); trouble != nil {
		return trouble
	}
	if failed != nil && status == 0 {
		return fmt.Errorf("no Cashier API answers at %s: say where it is with --url or MOZARTOSIM_URL (%w)", how.base(), failed)
	}
	if trouble := tryTLS(how.base(), status, text); trouble != nil {
		return trouble
	}
	if status == http.StatusNotFound {
		return fmt.Errorf("no payment was made: %s answered 404: is this the admin API? Say where the Cashier API is with --url or MOZARTOSIM_URL", how.base())
	}
	return errors.New("no payment was made: " + howAnswered(status, text, failed))
}

// howAnswered says what was wrong with the answer to the merchant's call; "" when nothing was.
func howAnswered(status int, text []byte, failed error) string {
	if status == 0 && failed != nil {
		return fmt.Sprintf("none, it was lost (%v)", failed)
	}
	if failed != nil {
		return fmt.Sprintf("%d, but it broke off (%v)", status, failed)
	}
	var body struct {
		Message   string          `json:"message"`
		ErrorCode string          `json:"errorCode"`
		Errors    []string        `json:"errors"`
		Data      json.RawMessage `json:"data"` // a sentence, an object or nothing
	}
	if json.Unmarshal(text, &body) != nil {
		return fmt.Sprintf("%d, and no JSON: %q", status, oneLine(string(text)))
	}
	if status == http.StatusOK {
		return ""
	}
	says, data := strconv.Itoa(status), ""
	_ = json.Unmarshal(body.Data, &data) // what is no sentence is left out
	for _, word := range append([]string{body.ErrorCode, body.Message, data}, body.Errors...) {
		if word != "" {
			says += ", " + word
		}
	}
	return says
}

package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// nobodyPays is the ready scenario in which the simulated shopper leaves the page alone, so that a person can pay on it.
const nobodyPays = "shopper-by-hand"

// example is a valid request.
type example struct {
	Name    string          `json:"name"`
	Kind    string          `json:"kind"`
	Request json.RawMessage `json:"request"`
}

// cashierView is the form that makes payments.
type cashierView struct {
	Flow      flow
	Flows     []providerInfo
	Examples  []example
	Kind      string // of the example that is filled in
	Another   string // the seed of the next generated one, while one is filled in
	Body      string
	Payer     string // me, simulated or scenario
	Scenario  string
	Scenarios []scenarioBrief
	Sent      *sent
}

// sent is what came of a request.
type sent struct {
	Status  int
	Answer  string // its body, indented where it is JSON
	Payment string // the transaction id, "" when none was made
	Page    string // where to pay
	Cut     bool   // the connection was cut
	Virtual string // the delay that a manual clock spared
}

func (v *visit) examples(f flow, seed string) ([]example, error) {
	query := url.Values{"psp": {f.PSP}, "type": {f.Type}}
	if f.Variant != "" {
		query.Set("variant", f.Variant)
	}
	if seed != "" {
		query.Set("seed", seed)
	}
	var list struct {
		Examples []example `json:"examples"`
	}
	err := v.get("/v1/examples", query, &list)
	return list.Examples, err
}

func cashierForm(v *visit) (*page, error) {
	if v.company.ID == "" {
		return &page{template: "nobody", title: "Make a payment", nav: "cashier"}, nil
	}
	shown, err := v.cashierView(v.ask("flow"), v.ask("seed"))
	if err != nil {
		return nil, err
	}
	shown.Kind = v.ask("example")
	if shown.Kind == "" {
		shown.Kind = shown.Examples[0].Kind
	}
	for _, e := range shown.Examples {
		if e.Kind == shown.Kind {
			shown.Body = pretty(e.Request)
		}
	}
	if seed, err := strconv.ParseUint("0"+v.ask("seed"), 10, 32); err == nil && shown.Kind == "generated" {
		shown.Another = strconv.FormatUint(max(seed, 1)+1, 10)
	}
	shown.Payer, shown.Scenario = "me", v.ask("scenario")
	switch {
	case shown.Scenario != "":
		shown.Payer = "scenario"
	case !shown.Flow.Page:
		shown.Payer = "simulated"
	}
	return &page{template: "cashier", title: "Make a payment", nav: "cashier", data: shown}, nil
}

// cashierView is the form for a flow; "" and unknown ones are Payone's pay-in.
func (v *visit) cashierView(key, seed string) (*cashierView, error) {
	providers, err := v.providers()
	if err != nil {
		return nil, err
	}
	shown := &cashierView{Flows: providers}
	var ok bool
	if shown.Flow, ok = flowOf(providers, key); !ok {
		shown.Flow, _ = flowOf(providers, "PAYONE-PAYIN")
	}
	if shown.Examples, err = v.examples(shown.Flow, seed); err != nil {
		return nil, err
	}
	var list scenariosView
	if err := v.get(v.path("scenarios"), nil, &list); err != nil {
		return nil, err
	}
	shown.Scenarios = list.Scenarios
	return shown, nil
}

// sendPayment sends what was typed, whatever it is, and shows what came of it above the form.
func sendPayment(v *visit) (outcome, error) {
	shown, err := v.cashierView(v.said("flow"), "")
	if err != nil {
		return outcome{}, err
	}
	shown.Body, shown.Payer, shown.Scenario = v.PostForm.Get("body"), v.said("payer"), v.said("scenario")
	scenario := ""
	switch {
	case shown.Payer == "me" && shown.Flow.Page:
		scenario = nobodyPays
	case shown.Payer == "scenario" && shown.Scenario == "":
		return outcome{}, &problem{Status: http.StatusBadRequest, Message: "name the scenario, or choose who else pays"}
	case shown.Payer == "scenario":
		scenario = shown.Scenario
	}
	if shown.Sent, err = v.pay(shown.Body, scenario); err != nil {
		return outcome{}, err
	}
	p := &page{template: "cashier", title: "Make a payment", nav: "cashier", data: shown}
	return outcome{page: p}, nil
}

// pay calls the Cashier API as a merchant of the company would.
func (v *visit) pay(body, scenario string) (*sent, error) {
	var by tokens
	if err := v.do(http.MethodPost, v.path("tokens"), nil, &by); err != nil {
		return nil, err
	}
	header := http.Header{
		"Authorization": {"Bearer " + by.Company}, "X-User-Token": {"Bearer " + by.User},
		"Content-Type": {"application/json"}, "User-Agent": {v.UserAgent()},
	}
	if scenario != "" {
		header.Set("Mozartosim-Scenario", scenario)
	}
	last, err := v.newest(v.ctx())
	if err != nil {
		return nil, err
	}
	got, err := v.cashier.send(v.ctx(), http.MethodPost, cashierPath, header, []byte(body))
	if err != nil && !errors.Is(err, errCut) {
		return nil, err
	}
	out := &sent{Cut: err != nil}
	if got != nil && err == nil {
		out.Status, out.Answer, out.Virtual = got.status, pretty(got.body.String()), got.header.Get("Mozartosim-Virtual-Delay")
	}
	return out, v.follow(out, last)
}

// newest is the id of the company's last payment, "" when it has none.
func (v *visit) newest(ctx context.Context) (string, error) {
	var list paymentsView
	err := v.api.get(ctx, "/v1/payments", v.ofCompany("limit", "1"), &list)
	if err != nil || len(list.Payments) == 0 {
		return "", err
	}
	return list.Payments[0].ID, nil
}

// follow finds the payment that a request made: the answer names it, but for those that are broken on purpose or tell of no
// transaction; then it is the newest one, if that was not there before.
func (v *visit) follow(out *sent, before string) error {
	id := idIn(out.Answer)
	if id == "" {
		newest, err := v.newest(v.ctx())
		if err != nil || newest == before {
			return err
		}
		id = newest
	}
	var made paymentWhole
	err := v.get(pathOf("v1", "payments", id), v.ofCompany(), &made)
	if notThere(err) {
		return nil
	}
	if made.Status == "pending" {
		out.Page = made.Page
	}
	out.Payment = made.ID
	return err
}

// idIn is the transaction id that an answer names, by any of its names.
func idIn(answer string) string {
	var told struct {
		TransactionID string `json:"transactionId"`
		Data          struct {
			TransactionID string `json:"transactionId"`
			Snake         string `json:"transaction_id"`
		} `json:"data"`
	}
	if json.Unmarshal([]byte(answer), &told) != nil {
		return ""
	}
	for _, id := range []string{told.Data.TransactionID, told.Data.Snake, told.TransactionID} {
		if id = strings.TrimSpace(id); id != "" {
			return id
		}
	}
	return ""
}

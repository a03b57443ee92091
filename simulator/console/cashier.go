package console

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/inprocess"
	"mozartosim/simulator/merchant"
	"mozartosim/simulator/snippet"
)

// manualScenario is the ready scenario in which the simulated shopper does nothing, so that a person can pay on the page.
const manualScenario = "shopper-by-hand"

// cashierView is the form that makes payments.
type cashierView struct {
	Flow      flow
	Examples  []adminapi.ExampleRequest
	Kind      string // of the example that is filled in
	NextSeed  string // of the next generated example, while one is filled in
	Body      string
	Payer     string // me, simulated or scenario
	Scenario  string
	Scenarios []adminapi.ScenarioSummary
	Sent      *sentRequest
	Mode      string      // form: a field for each member of the body; "" = JSON
	Fields    []bodyField // of the form
	Base      string      // the body whose members they are
	Snippets  []code      // the call in other languages
	Seed      int         // of the generated example
	Wrong     wrongField  // that the call was refused for
}

// wrongField is the member of a body that a call was refused for.
type wrongField struct {
	Name  string
	Line  int    // of the body, 0 when the member is in none
	Meant string // the member's right name, where it seems to be misspelt
}

// bodyField is a member of a body as a form shows it: a text as it is, anything else as JSON.
type bodyField struct {
	Name, Value string
	IsText      bool
}

// code is the call in a language.
type code struct{ Language, Text string }

// sentRequest is a request that was sent, and its answer.
type sentRequest struct {
	merchant.Call
	Page    string            // URL where the shopper pays
	Refused *adminapi.Request // the call as it is kept, when it was refused
}

func (v *cashierView) page() *page {
	return &page{template: "cashier", Title: "Make a payment", Nav: "cashier", Data: v}
}

func cashierForm(r *request) (*page, error) {
	v, err := newCashierView(r)
	if err != nil {
		return nil, err
	}
	return v.page(), nil
}

// newCashierView is the form with the example that the address asks for, or as it was sent.
func newCashierView(r *request) (v *cashierView, err error) {
	v = &cashierView{Scenario: r.FormValue("scenario"), Payer: r.FormValue("payer"), Mode: r.FormValue("mode")}
	var ok bool
	if v.Flow, ok = r.flow(r.FormValue("flow")); !ok {
		v.Flow, _ = r.flow("PAYONE-PAYIN")
	}
	if v.Scenarios, err = r.current().Scenarios().List(r.Context()); err != nil {
		return nil, err
	}
	if v.Seed, err = strconv.Atoi(r.FormValue("seed")); err != nil || v.Seed < 1 {
		v.Seed = 1
	}
	if v.Examples, err = r.examples(v.Flow, v.Seed); err != nil {
		return nil, err
	}
	chosen := max(0, slices.IndexFunc(v.Examples, func(e adminapi.ExampleRequest) bool { return e.Kind == r.FormValue("example") }))
	v.Kind, v.Body = v.Examples[chosen].Kind, pretty(v.Examples[chosen].Request)
	if v.Kind == "generated" {
		v.NextSeed = strconv.Itoa(v.Seed + 1)
	}
	switch {
	case r.Method == http.MethodPost:
		v.Body = r.text("body")
		if r.PostForm.Has("base") {
			v.Body = composed(r.PostForm)
		}
		switch r.field("do") {
		case "form", "json":
			v.Mode = r.field("do")
		}
	case v.Scenario != "":
		v.Payer = "scenario"
	case v.Flow.HasPage():
		v.Payer = "me"
	default:
		v.Payer = "simulated"
	}
	if v.Mode == "form" {
		v.setFields(r)
	}
	return v, v.addSnippets(r)
}

// setFields makes the form's fields: those of the form that was sent, emptied ones too, or those of the body.
func (v *cashierView) setFields(r *request) {
	v.Base = cmp.Or(r.PostForm.Get("base"), v.Body)
	v.Fields = bodyFields(v.Base)
	for i, f := range v.Fields {
		if name := "field:" + f.Name; r.PostForm.Has(name) {
			v.Fields[i].Value = r.PostForm.Get(name)
		}
	}
}

// addSnippets writes the call in the languages that people ask for.
func (v *cashierView) addSnippets(r *request) error {
	at, err := cashierURL(r)
	if err != nil {
		return err
	}
	call := snippet.Cashier(at, v.Body)
	v.Snippets = []code{{"curl", call.Curl()}, {"Node.js", call.Node()}, {"Python", call.Python()}, {"Go", call.Go()}}
	return nil
}

// bodyFields are the members of a body in their order, none when it is no JSON object.
func bodyFields(body string) (fields []bodyField) {
	dec := json.NewDecoder(strings.NewReader(body))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil
		}
		f := bodyField{Name: fmt.Sprint(name), Value: string(value), IsText: value[0] == '"'}
		if f.IsText {
			_ = json.Unmarshal(value, &f.Value) // it was decoded
		}
		fields = append(fields, f)
	}
	return fields
}

// composed is the body that a form says: the members of its base, with the values that were typed. A text stays a text; of other
// kinds what is no JSON is sent as a text, so that wrong requests can be made too.
func composed(form url.Values) string {
	var members []string
	for _, f := range bodyFields(form.Get("base")) {
		typed := form.Get("field:" + f.Name)
		if typed == "" {
			continue
		}
		value := []byte(typed)
		if f.IsText || !json.Valid(value) {
			value, _ = json.Marshal(typed) // no text fails
		}
		name, _ := json.Marshal(f.Name)
		members = append(members, fmt.Sprintf("%s: %s", name, value))
	}
	return pretty("{" + strings.Join(members, ",") + "}")
}

// sendPayment sends what was typed, valid or not, and shows the answer above the form.
func sendPayment(r *request) (*page, error) {
	v, err := newCashierView(r)
	if err != nil {
		return nil, err
	}
	scenario := ""
	switch {
	case r.field("do") == "form" || r.field("do") == "json": // only another way to edit it
		return v.page(), nil
	case v.Payer == "me" && v.Flow.HasPage():
		scenario = manualScenario
	case v.Payer == "scenario" && v.Scenario == "":
		return nil, badRequest("name the scenario, or choose who else pays")
	case v.Payer == "scenario":
		scenario = v.Scenario
	}
	v.Sent, err = callCashier(r, v.Body, scenario)
	if v.Sent != nil && v.Sent.Refused != nil {
		v.Wrong = v.wrong(v.Sent.Refused.Rule)
	}
	return v.page(), err
}

// wrong finds the member of the body that broke a rule, or the line at which the body is no JSON.
func (v *cashierView) wrong(rule string) wrongField {
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal([]byte(v.Body), new(any)), &syntax) {
		at := min(int(syntax.Offset), len(v.Body))
		return wrongField{Line: 1 + strings.Count(strings.TrimRight(v.Body[:at], " \n"), "\n")}
	}
	wrong := wrongField{Name: rule[strings.LastIndexByte(rule, '.')+1:]}
	var known []string
	for _, example := range v.Examples {
		for _, f := range bodyFields(string(example.Request)) {
			known = append(known, f.Name)
		}
	}
	var unknown []string
	for _, f := range bodyFields(v.Body) {
		if f.Name == wrong.Name {
			wrong.Line = lineOf(v.Body, f.Name)
			return wrong
		}
		if !slices.Contains(known, f.Name) {
			unknown = append(unknown, f.Name)
		}
	}
	if near := openapi.Similar(wrong.Name, unknown); len(near) > 0 {
		wrong = wrongField{Name: near[0], Line: lineOf(v.Body, near[0]), Meant: wrong.Name}
	}
	return wrong
}

// lineOf is the line of a body that begins with a member, 0 for none.
func lineOf(body, member string) int {
	for i, line := range strings.Split(body, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " \t{"), strconv.Quote(member)) {
			return i + 1
		}
	}
	return 0
}

// callCashier calls the Cashier API as a merchant would.
func callCashier(r *request, body, scenario string) (*sentRequest, error) {
	made, err := merchant.Order{Body: []byte(body), Scenario: scenario}.Send(r.Context(), inprocess.Cashier(r.Cashier, r.UserAgent()), r.current())
	if err != nil {
		return nil, err
	}
	sent := &sentRequest{Call: made}
	if kept, ok := sent.Kept(r.Context(), r.current()); ok && sent.Answer.Status >= http.StatusBadRequest {
		sent.Refused = &kept
	}
	if sent.Payment == "" {
		return sent, nil
	}
	paid, err := r.current().Payment(r.Context(), sent.Payment)
	if paid.Status == "pending" {
		sent.Page = paid.Page
	}
	return sent, err
}

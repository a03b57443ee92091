package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/openapi"
)

// shown is all that the contract says of one flow; `mozartosim contract show --json` prints it.
type shown struct {
	PSP       string         `json:"psp"`
	Type      string         `json:"type"`
	Variant   string         `json:"variant,omitempty"`
	Call      string         `json:"call"`                // method and path
	UserToken string         `json:"userToken,omitempty"` // "required" when only x-user-token will do
	Redirect  string         `json:"redirect,omitempty"`  // where the answer has the redirect URL, dotted
	Request   shownSchema    `json:"request"`
	Rules     []openapi.Rule `json:"rules"` // named rules: the flow's own, then those of every call
	Answer    shownSchema    `json:"answer"`
	Webhook   *shownSchema   `json:"webhook,omitempty"` // absent when the provider sends none
}

// shownSchema is a schema's fields in order, and an example.
type shownSchema struct {
	Schema  string          `json:"schema"`
	Fields  []openapi.Field `json:"fields"`
	Example json.RawMessage `json:"example"`
}

// showFlags pick one of the forms.
type showFlags struct {
	variant             string
	url                 string // of the Cashier API, for --curl
	request, curl, json bool
}

func newShow() *cobra.Command {
	var form showFlags
	cmd := &cobra.Command{
		Use:   "show PSP TYPE",
		Short: "Show a provider's request, rules, answer, redirect field and webhook, with examples",
		Example: `  mozartosim contract show PAYONE PAYIN
  mozartosim contract show gigadat payout --variant ACH --request
  mozartosim contract show worldpay payin --curl | sh`,
		Args:              cli.FlowArgs,
		ValidArgsFunction: cli.CompleteFlow,
	}
	flags := cmd.Flags()
	flags.StringVar(&form.variant, "variant", "", "ETO or ACH for Gigadat pay-outs (default: the first)")
	flags.BoolVar(&form.request, "request", false, "print the example request only")
	flags.BoolVar(&form.curl, "curl", false, "print one line that sends it to a running simulator")
	flags.StringVar(&form.url, "url", "", "with --curl: the Cashier API (default MOZARTOSIM_URL, or "+defaultURL+")")
	flags.BoolVar(&form.json, "json", false, "print everything as one JSON object")
	whose := newCompanyFlags(flags)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if form.request && form.curl || form.request && form.json || form.curl && form.json {
			return cli.Usagef("--request, --curl and --json exclude each other: use one of them")
		}
		if form.url != "" && !form.curl {
			return cli.Usagef("--url goes with --curl only, as in: mozartosim contract show PAYONE PAYIN --curl --url %s", defaultURL)
		}
		contract, err := openapi.Cashier()
		if err != nil {
			return err
		}
		op, err := cli.Operation(contract, args[0], args[1], form.variant)
		if err != nil {
			return err
		}
		all, err := gather(contract, op)
		if err != nil {
			return err
		}
		return show(cmd, all, form, whose)
	}
	return cmd
}

func show(cmd *cobra.Command, all shown, form showFlags, whose *companyFlags) error {
	out := cmd.OutOrStdout()
	switch {
	case form.json:
		return cli.JSON(out, all)
	case form.request:
		_, err := fmt.Fprintf(out, "%s\n", all.Request.Example)
		return err
	case !form.curl:
		return writeShown(out, all)
	}
	company, err := whose.company(cmd.Context())
	if err != nil {
		return err
	}
	tokens, err := mintTokens(company)
	if err != nil {
		return err
	}
	if form.url == "" {
		form.url = cli.Environment("MOZARTOSIM_URL", defaultURL)
	}
	line, err := curlLine(form.url, tokens, all.Request.Example)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, line)
	return err
}

// gather reads everything of a flow out of the contract.
func gather(c *openapi.Contract, op *openapi.Operation) (shown, error) {
	s := shown{
		PSP: op.PSP, Type: op.Type, Variant: op.Variant, Call: "POST " + openapi.CashierPath, UserToken: op.UserToken,
		Redirect: op.Redirect, Rules: append(append([]openapi.Rule{}, op.Rules...), generalRules(c)...),
	}
	var err error
	if s.Request, err = gatherSchema(c, op.Schema); err != nil {
		return s, err
	}
	if s.Answer, err = gatherSchema(c, op.Answer); err != nil {
		return s, err
	}
	if op.Webhook != "" {
		webhook, err := gatherSchema(c, op.Webhook)
		if err != nil {
			return s, err
		}
		s.Webhook = &webhook
	}
	return s, nil
}

func gatherSchema(c *openapi.Contract, name string) (shownSchema, error) {
	example, ok := c.Example(name)
	if !ok {
		return shownSchema{}, fmt.Errorf("the contract has no example of %s", name)
	}
	return shownSchema{Schema: name, Fields: c.FieldsOf(name), Example: example}, nil
}

// generalRules are the named rules of every call: in the ledger they follow the call itself.
func generalRules(c *openapi.Contract) []openapi.Rule {
	var rules []openapi.Rule
	inside := false
	for _, e := range c.Ledger() {
		isCall, isSchema := strings.Contains(e.Rule, " "), e.Rule[0] >= 'A' && e.Rule[0] <= 'Z'
		switch {
		case isCall:
			inside = e.Rule == "POST "+openapi.CashierPath
		case isSchema:
			return rules
		case inside:
			rules = append(rules, openapi.Rule{Name: e.Rule, Description: e.Description, Provenance: e.Provenance})
		}
	}
	return rules
}

// writeShown prints a flow for people.
func writeShown(out io.Writer, s shown) error {
	rows := [][]string{{strings.TrimSpace(s.PSP + " " + s.Type + " " + s.Variant)}}
	rows = append(rows, facts(s)...)
	if err := cli.WrappedTable(out, rows); err != nil {
		return err
	}
	if err := writeFields(out, "Request", "required", s.Request); err != nil {
		return err
	}
	rules := [][]string{{"Rules beyond the fields"}}
	for _, r := range s.Rules {
		rules = append(rules, []string{r.Name, string(r.Provenance.Basis), r.Description})
	}
	if err := cli.WrappedTable(out, rules); err != nil {
		return err
	}
	if err := writeFields(out, "Answer", "always", s.Answer); err != nil {
		return err
	}
	if s.Webhook != nil {
		if err := writeFields(out, "Webhook", "always", *s.Webhook); err != nil {
			return err
		}
	}
	return writeExamples(out, s)
}

// facts are the few things that a merchant's code depends on most.
func facts(s shown) [][]string {
	user, redirect, webhook := "x-user-token or x-user-authorization", s.Redirect, "the final status comes by it"
	if s.UserToken == "required" {
		user = "x-user-token only"
	}
	if redirect == "" {
		redirect = "none"
	}
	if s.Webhook == nil {
		webhook = "none"
	}
	return [][]string{
		{"call", s.Call},
		{"user", user},
		{"redirect", redirect},
		{"webhook", webhook},
	}
}

func writeFields(out io.Writer, title, present string, s shownSchema) error {
	rows := [][]string{{title + " (" + s.Schema + ")"}, {"field", present, "type", "mark", "a value must"}}
	for _, f := range s.Fields {
		needed := "no"
		if f.Required {
			needed = "yes"
		}
		rows = append(rows, []string{f.Path, needed, f.Type, string(f.Provenance.Basis), demands(f)})
	}
	return cli.WrappedTable(out, rows)
}

// demands says what a value must do, with the mark of that where the field itself is better known; or, where the contract
// demands nothing, what the field means.
func demands(f openapi.Field) string {
	var words []string
	switch {
	case len(f.Enum) == 1:
		words = append(words, "be "+f.Enum[0])
	case len(f.Enum) > 1:
		words = append(words, "be one of "+strings.Join(f.Enum, ", "))
	}
	if f.Must != "" {
		words = append(words, f.Must)
	}
	switch {
	case f.MinLength > 1:
		words = append(words, fmt.Sprintf("be at least %d characters", f.MinLength))
	case f.MinLength == 1 && f.Must == "":
		words = append(words, "not be empty")
	}
	if f.MaxLength > 0 {
		words = append(words, fmt.Sprintf("be at most %d characters", f.MaxLength))
	}
	switch {
	case len(words) > 0 && f.Form != nil && f.Form.Basis != f.Provenance.Basis && f.Form.Basis != openapi.Documented:
		return fmt.Sprintf("%s [%s]", strings.Join(words, "; "), f.Form.Basis)
	case len(words) == 0 && f.Description != "":
		return "(" + strings.TrimSuffix(f.Description, ".") + ")"
	}
	return strings.Join(words, "; ")
}

func writeExamples(out io.Writer, s shown) error {
	type example struct {
		title string
		text  []byte
	}
	examples := []example{{"Example request", s.Request.Example}, {"Example answer", s.Answer.Example}}
	if s.Webhook != nil {
		examples = append(examples, example{"Example webhook", s.Webhook.Example})
	}
	for _, e := range examples {
		if _, err := fmt.Fprintf(out, "\n%s\n%s\n", e.title, e.text); err != nil {
			return err
		}
	}
	command := strings.TrimSpace(strings.ToLower(s.PSP + " " + s.Type))
	if s.Variant != "" {
		command += " --variant " + s.Variant
	}
	_, err := fmt.Fprintf(out, "\nTry it: mozartosim contract show %s --curl | sh\n", command)
	return err
}

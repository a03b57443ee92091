package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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
		Args:              pspAndType,
		ValidArgsFunction: completeOperation,
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
			return wrong("--request, --curl and --json exclude each other: use one of them")
		}
		if form.url != "" && !form.curl {
			return wrong("--url goes with --curl only, as in: mozartosim contract show PAYONE PAYIN --curl --url %s", defaultURL)
		}
		contract, err := openapi.Cashier()
		if err != nil {
			return err
		}
		op, err := findOperation(contract, args[0], args[1], form.variant)
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
		return writeJSON(out, all)
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
	by, err := mintBoth(company)
	if err != nil {
		return err
	}
	line, err := curl(cashierURL(form.url), by, all.Request.Example)
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

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/fidelity"
	"mozartosim/features/report"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
	"mozartosim/simulator/merchant"
	"mozartosim/simulator/random"
)

// showFlags pick the form of the output.
type showFlags struct {
	variant       string
	url           string // of the Cashier API, for --curl
	request, curl bool
	observed      []string // files
}

func newShow() *cobra.Command {
	var form showFlags
	cmd := &cobra.Command{
		Use:   "show PSP TYPE",
		Short: "Show a provider's request, rules, answer, redirect field and webhook, with examples",
		Example: `  mozartosim contract show PAYONE PAYIN
  mozartosim contract show gigadat payout --variant ACH --request
  mozartosim contract show worldpay payin --curl | sh`,
		Args:              cli.FlowArgs(),
		ValidArgsFunction: cli.CompleteFlow,
	}
	flags := cmd.Flags()
	cli.VariantFlag(flags, &form.variant)
	flags.BoolVar(&form.request, "request", false, "print the example request only")
	flags.BoolVar(&form.curl, "curl", false, "print one line that sends it to a running simulator")
	flags.StringVar(&form.url, "url", "", "with --curl: the Cashier API (default MOZARTOSIM_URL, or what the running simulator says if its admin URL is known, or "+merchant.DefaultURL+")")
	observedFlag(flags, &form.observed)
	whose := newCompanyFlags(flags)
	return cli.Local(cmd, "print everything as one JSON object", func(ctx context.Context, out *cli.Output, args []string) error {
		if form.request && form.curl || (form.request || form.curl) && out.AsJSON() {
			return cli.Usagef("--request, --curl and --json exclude each other: use one of them")
		}
		if form.url != "" && !form.curl {
			return cli.Usagef("--url goes with --curl only, as in: mozartosim contract show PAYONE PAYIN --curl --url %s", merchant.DefaultURL)
		}
		contract, err := observed.Contract(form.observed)
		if err != nil {
			return err
		}
		op, err := cli.Operation(contract, args[0], args[1], form.variant)
		if err != nil {
			return err
		}
		flow, err := op.Flow()
		if err != nil {
			return err
		}
		switch {
		case form.request:
			out.Say("%s", flow.Request.Example)
			return nil
		case form.curl:
			return showCurl(ctx, out, form.url, flow.Request.Example, whose)
		}
		return out.Print(flow, nil, func() { writeFlow(out, flow) })
	})
}

func showCurl(ctx context.Context, out *cli.Output, url string, request json.RawMessage, whose *companyFlags) error {
	company, err := whose.company(ctx)
	if err != nil {
		return err
	}
	tokens, err := merchant.Tokens(company.Settings)
	if err != nil {
		return err
	}
	if url = cmp.Or(url, os.Getenv("MOZARTOSIM_URL")); url == "" {
		if url, err = company.CashierURL(ctx); err != nil {
			return err
		}
	}
	line, err := merchant.Curl(url, tokens, request)
	if err == nil {
		out.Say("%s", line)
	}
	return err
}

// writeFlow prints a flow for people.
func writeFlow(out *cli.Output, flow openapi.Flow) {
	command := strings.ToLower(flow.PSP + " " + flow.Type)
	if flow.Variant != "" {
		command += " --variant " + flow.Variant
	}
	user, webhook := "x-user-token or x-user-authorization", "sends the final status"
	if flow.UserToken == "required" {
		user = "x-user-token only"
	}
	if flow.Webhook == nil {
		webhook = "none"
	}
	out.Row(strings.TrimSpace(flow.PSP + " " + flow.Type + " " + flow.Variant))
	out.Row("call", flow.Call)
	out.Row("user", user)
	out.Row("redirect", cmp.Or(flow.Redirect, "none"))
	out.Row("webhook", webhook)
	writeFields(out, "Request", "required", flow.Request)
	out.Row("Rules beyond the fields")
	for _, r := range flow.Rules {
		out.Row(r.Name, string(r.Provenance.Basis), r.Description)
	}
	writeFields(out, "Answer", "always", flow.Answer)
	if flow.Webhook != nil {
		writeFields(out, "Webhook", "always", *flow.Webhook)
	}
	out.Wrapped()
	out.Say("\nExample request\n%s\n\nExample answer\n%s", flow.Request.Example, flow.Answer.Example)
	if flow.Webhook != nil {
		out.Say("\nExample webhook\n%s", flow.Webhook.Example)
	}
	out.Say("\nTry it: mozartosim contract show %s --curl | sh", command)
}

func writeFields(out *cli.Output, title, present string, s openapi.Message) {
	out.Row(title + " (" + s.Schema + ")")
	out.Row("field", present, "type", "known", "a value must")
	for _, f := range s.Fields {
		required := "no"
		if f.Required {
			required = "yes"
		}
		out.Row(f.Path, required, f.Type, string(f.Provenance.Basis), f.Demands())
	}
}

// mostRequests bounds what one call generates.
const mostRequests = 1_000_000

func newGenerate() *cobra.Command {
	var n int
	var seed uint64
	var variant string
	cmd := &cobra.Command{
		Use:   "generate PSP TYPE",
		Short: "Generate random valid requests from the contract, one line of JSON each",
		Long: `Generate random valid requests from the contract, one line of JSON each: every required field, about half of the
optional ones, test cards and test vouchers only. The same seed generates the same requests.`,
		Example: `  mozartosim generate gigadat payout --variant ACH --n 5
  mozartosim generate PAYONE PAYIN --n 1000 --seed 7 > requests.jsonl`,
		Args:              cli.FlowArgs(),
		ValidArgsFunction: cli.CompleteFlow,
		RunE: func(cmd *cobra.Command, args []string) error {
			if n < 1 || n > mostRequests {
				return cli.Usagef("--n %d must be between 1 and %d", n, mostRequests)
			}
			contract, err := openapi.Cashier()
			if err != nil {
				return err
			}
			op, err := cli.Operation(contract, args[0], args[1], variant)
			if err != nil {
				return err
			}
			return generate(cmd, op, n, seed)
		},
	}
	cmd.Flags().IntVarP(&n, "n", "n", 1, "how many")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "the seed of the random requests")
	cli.VariantFlag(cmd.Flags(), &variant)
	return cmd
}

func generate(cmd *cobra.Command, op *openapi.Operation, n int, seed uint64) error {
	generator, err := fixtures.NewGenerator(random.New(seed, "generate", op.Schema))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	for range n {
		request, err := generator.Request(op)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n", request)
	}
	return out.Flush()
}

func newFidelity() *cobra.Command {
	var html string
	var files []string
	cmd := &cobra.Command{
		Use:   "fidelity [RUN…]",
		Short: "Count how the contract's rules are known, by provider and capability, and what real targets showed",
		Long: `Count how the contract's rules are known, by provider and capability: documented, provider, assumed, observed, as
"contract ledger" has them. A feature executes a rule when a scenario is tagged with it, compares an answer or a webhook that it is
about with the contract, names the request's field, or breaks the rule.

An observations file (--observed) says what a real target was seen to do differently, which refutes rules. Each RUN is an evidence
file of a run against a real target, as "contract run --keep FILE" writes it: assumed rules whose scenarios passed there are confirmed.`,
		Example: `  mozartosim contract fidelity --html fidelity.html
  mozartosim contract fidelity sandbox.json --observed observed.yaml`,
	}
	cmd.Flags().StringVar(&html, "html", "", "write a self-contained page to this `file`")
	observedFlag(cmd.Flags(), &files)
	return cli.Local(cmd, "print JSON: {total, rows, verdicts, notExecuted}", func(_ context.Context, out *cli.Output, runs []string) error {
		found, err := fidelity.Read(files, runs)
		if err != nil {
			return cli.Usagef("%v", err)
		}
		if err := writePage(html, func(page io.Writer) error { return report.WriteFidelityHTML(page, found) }); err != nil {
			return err
		}
		return out.Print(found, nil, func() { _ = report.WriteFidelity(out, found) })
	})
}

// writePage writes the page of --html, if one is asked for.
func writePage(file string, write func(io.Writer) error) error {
	if file == "" {
		return nil
	}
	var page bytes.Buffer
	err := write(&page)
	if err == nil {
		err = os.WriteFile(file, page.Bytes(), 0o600)
	}
	if err != nil {
		return cli.Usagef("--html: %v", err)
	}
	return nil
}

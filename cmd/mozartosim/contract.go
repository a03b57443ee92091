package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/steps"
	"mozartosim/openapi"
)

func newContract() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "Read the contract, and hold a target against it",
		Args:  cli.SubcommandsOnly,
		RunE:  cli.ShowHelp,
	}
	cmd.AddCommand(newShow(), newLedger(), newDrift(), newContractRun(), newContractSteps())
	return cmd
}

// ledger is what `mozartosim contract ledger --json` prints.
type ledger struct {
	Counts  map[openapi.Basis]int `json:"counts"` // of the whole contract
	Entries []openapi.Entry       `json:"entries"`
}

func bases() []openapi.Basis {
	return []openapi.Basis{openapi.Documented, openapi.Provider, openapi.Assumed}
}

func newLedger() *cobra.Command {
	var asJSON bool
	var basis string
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "List every rule of the contract with its mark, and count them",
		Long: `List every rule of the contract with its mark:

  documented  a page of the vendor shows it
  provider    public material of the payment provider shows it
  assumed     nobody shows it; the simulator's own choice`,
		Example: `  mozartosim contract ledger --basis assumed
  mozartosim contract ledger --json | jq .counts`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if basis != "" && !slices.Contains(bases(), openapi.Basis(basis)) {
				return cli.Usagef("--basis %q must be one of: documented, provider, assumed", basis)
			}
			contract, err := openapi.Cashier()
			if err != nil {
				return err
			}
			all := contract.Ledger()
			chosen := slices.DeleteFunc(slices.Clone(all), func(e openapi.Entry) bool {
				return basis != "" && e.Provenance.Basis != openapi.Basis(basis)
			})
			if asJSON {
				return cli.JSON(cmd.OutOrStdout(), ledger{Counts: openapi.Count(all), Entries: chosen})
			}
			return writeLedger(cmd.OutOrStdout(), all, openapi.Basis(basis))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: {counts, entries}")
	cmd.Flags().StringVar(&basis, "basis", "", "only rules of this mark: documented, provider or assumed")
	return cmd
}

// group is a heading of the ledger and the lines below it.
type group struct {
	title string
	note  string // of the schema's own mark, which its fields inherit
	lines []openapi.Entry
}

// grouped puts the entries under headings: behaviours, calls and webhooks, then one group for each schema. A schema's own
// entry is the first of its group.
func grouped(entries []openapi.Entry) []group {
	groups := []group{{title: "Behaviours"}}
	for _, e := range entries {
		isCall := strings.Contains(e.Rule, " ")
		isSchema := !isCall && !strings.Contains(e.Rule, ".") && e.Rule[0] >= 'A' && e.Rule[0] <= 'Z'
		last := &groups[len(groups)-1]
		switch {
		case isSchema:
			groups = append(groups, group{title: e.Rule, note: e.Provenance.Note})
		case isCall && last.title == "Behaviours":
			groups = append(groups, group{title: "Calls and webhooks"})
		}
		last = &groups[len(groups)-1]
		last.lines = append(last.lines, e)
	}
	return groups
}

func writeLedger(out io.Writer, all []openapi.Entry, basis openapi.Basis) error {
	var rows [][]string
	for _, g := range grouped(all) {
		var lines [][]string
		for _, e := range g.lines {
			if basis == "" || e.Provenance.Basis == basis {
				lines = append(lines, g.line(e))
			}
		}
		if len(lines) > 0 {
			rows = append(append(rows, []string{g.title}), lines...)
		}
	}
	rows = append(rows, []string{"Totals"})
	counts := openapi.Count(all)
	for _, b := range bases() {
		rows = append(rows, []string{string(b), fmt.Sprintf("%5d", counts[b]), ""})
	}
	rows = append(rows, []string{"all", fmt.Sprintf("%5d", len(all)), ""})
	return cli.WrappedTable(out, rows)
}

// line is mark, name within the group, and what the rule says, with the mark's note in parentheses; a field does not
// repeat the note of its schema.
func (g group) line(e openapi.Entry) []string {
	name, says := strings.TrimPrefix(e.Rule, g.title+"."), e.Description
	own := e.Rule == g.title
	if own {
		name = "(itself)"
	}
	if note := e.Provenance.Note; note != "" && (own || note != g.note) {
		says = strings.TrimSpace(fmt.Sprintf("%s (%s)", says, note))
	}
	return []string{string(e.Provenance.Basis), name, says}
}

// stepShown is a step as `mozartosim contract steps --json` prints it.
type stepShown struct {
	Pattern string   `json:"pattern"`
	Does    string   `json:"action"`
	Example string   `json:"example"`
	Needs   []string `json:"needs"` // tags that its scenario bears
}

func newContractSteps() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "steps [WORD…]",
		Short: "List the steps that features are written in, each with an example",
		Long: `List the steps that features are written in, each with what it does and an example; with words, only those that
have all of them. In patterns {kind} takes a value, (text) may be left out, and one/another are alternatives.
Behind a step stand the tags that its scenario needs: @control (the simulator's control API), @webhook (a
receiver), @shopper (somebody who pays).`,
		Example: `  mozartosim contract steps webhook
  mozartosim contract steps --json | jq -r .[].pattern`,
		RunE: func(cmd *cobra.Command, words []string) error {
			vocabulary, err := steps.New()
			if err != nil {
				return err
			}
			shown := []stepShown{}
			for _, s := range vocabulary.Steps() {
				if cli.HasAll(s.Pattern+" "+s.Doc+" "+s.Example, words) {
					shown = append(shown, stepShown{s.Pattern, s.Doc, s.Example, append([]string{}, s.Needs.Words()...)})
				}
			}
			if asJSON {
				return cli.JSON(cmd.OutOrStdout(), shown)
			}
			if len(shown) == 0 {
				return fmt.Errorf("no step has the words %q", strings.Join(words, " "))
			}
			return writeSteps(cmd.OutOrStdout(), shown)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: [{pattern, does, example, needs}]")
	return cmd
}

func writeSteps(out io.Writer, shown []stepShown) error {
	var text strings.Builder
	for _, s := range shown {
		fmt.Fprintf(&text, "%s", s.Pattern)
		if len(s.Needs) > 0 {
			fmt.Fprintf(&text, "   %s", strings.Join(s.Needs, " "))
		}
		text.WriteByte('\n')
		for _, line := range cli.Wrap(s.Does, cli.Width-4) {
			fmt.Fprintf(&text, "    %s\n", line)
		}
		fmt.Fprintf(&text, "      %s\n\n", strings.ReplaceAll(s.Example, "\n", "\n      "))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
)

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
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if basis != "" && !slices.Contains(bases(), openapi.Basis(basis)) {
				return wrong("--basis %q must be one of: documented, provider, assumed", basis)
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
				return writeJSON(cmd.OutOrStdout(), ledger{Counts: openapi.Count(all), Entries: chosen})
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
	return writeColumns(out, rows)
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

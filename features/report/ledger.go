package report

import (
	"fmt"
	"io"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/words"
)

// WriteLedger writes the rules of a contract and how each is known, and counts all of them, as plain text, for a terminal. basis, if any,
// is that of the rules that are listed.
func WriteLedger(out io.Writer, all []openapi.Entry, basis openapi.Basis) error {
	rows := append(ledgerRows(all, basis), []string{"Totals"})
	counts, sum := openapi.Count(all), 0
	for _, b := range []openapi.Basis{openapi.Documented, openapi.Provider, openapi.Assumed, openapi.Observed} {
		if sum += counts[b]; b != openapi.Observed || counts[b] > 0 {
			rows = append(rows, []string{string(b), fmt.Sprintf("%5d", counts[b])})
		}
	}
	return words.Wrapped(out, append(rows,
		[]string{"all", fmt.Sprintf("%5d", sum)}, []string{"own", fmt.Sprintf("%5d", len(all)-sum), "of the simulator's own, in no total"}))
}

// ledgerRows puts the entries under headings: behaviours, calls and webhooks, then each schema with its fields and rules.
func ledgerRows(entries []openapi.Entry, basis openapi.Basis) (rows [][]string) {
	group, note := "", "" // of the schema's own provenance, which its fields inherit
	for _, e := range entries {
		itself, own := e.Rule == e.Group, e.Provenance.Note
		if itself {
			note = own
		}
		if basis != "" && e.Provenance.Basis != basis {
			continue
		}
		if e.Group != group {
			group, rows = e.Group, append(rows, []string{e.Group})
		}
		name, says := strings.TrimPrefix(e.Rule, e.Group+"."), e.Description
		if itself {
			name = "(itself)"
		}
		if e.Provenance.Basis == openapi.Observed {
			own = strings.TrimSpace(e.Provenance.Source + ": " + own)
		}
		if own != "" && (itself || own != note) {
			says = strings.TrimSpace(fmt.Sprintf("%s (%s)", says, own))
		}
		rows = append(rows, []string{string(e.Provenance.Basis), name, says})
	}
	return rows
}

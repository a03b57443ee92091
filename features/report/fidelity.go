package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"mozartosim/features/evidence"
	"mozartosim/features/fidelity"
)

// WriteFidelity writes how faithful the simulator is known to be as plain text, for a terminal.
func WriteFidelity(w io.Writer, r *fidelity.Report) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "documented\tprovider\tassumed\tobserved\trules\texecuted\t  by provider and capability")
	rows := slices.Concat(r.Rows, []fidelity.Row{r.Total})
	for _, row := range rows {
		name := "all"
		if row.Capability != "" {
			name = fidelityProvider(row) + ": " + row.Capability
		}
		for _, n := range []int{row.Documented, row.Provider, row.Assumed, row.Observed, row.Rules, row.Executed} {
			fmt.Fprint(table, dash(n), "\t")
		}
		fmt.Fprintf(table, "  %s\n", name)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, v := range r.Verdicts {
		fmt.Fprintf(w, "\n%s %s (%s) by %s on %s", v.Verdict, v.Rule, v.Basis, plain(v.Target), v.Date)
		if v.Observed != "" {
			fmt.Fprintf(w, ": %s", plain(v.Observed))
		}
	}
	if len(r.Verdicts) > 0 {
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Summary())
	return err
}

// fidelityProvider is a row's provider in words.
func fidelityProvider(r fidelity.Row) string { return cmp.Or(r.PSP, "every provider") }

// group is the rows of a provider, and their sum.
type group struct {
	Sum  fidelity.Row
	Rows []fidelity.Row
}

// byPSP groups rows, which stand by provider.
func byPSP(rows []fidelity.Row) (all []group) {
	for _, r := range rows {
		if len(all) == 0 || all[len(all)-1].Sum.PSP != r.PSP {
			all = append(all, group{Sum: fidelity.Row{PSP: r.PSP}})
		}
		g := &all[len(all)-1]
		g.Rows = append(g.Rows, r)
		g.Sum.Rules, g.Sum.Documented, g.Sum.Provider = g.Sum.Rules+r.Rules, g.Sum.Documented+r.Documented, g.Sum.Provider+r.Provider
		g.Sum.Assumed, g.Sum.Observed, g.Sum.Executed = g.Sum.Assumed+r.Assumed, g.Sum.Observed+r.Observed, g.Sum.Executed+r.Executed
	}
	return all
}

func dash(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}

// WriteFidelityHTML writes it as one self-contained page.
func WriteFidelityHTML(w io.Writer, r *fidelity.Report) error {
	p := page{Title: "mozartosim fidelity", Verdict: r.Summary(), Fidelity: r, State: evidence.Passed}
	switch {
	case len(r.Verdicts) == 0:
		p.State = evidence.NotRun
	case slices.ContainsFunc(r.Verdicts, func(v fidelity.Verdict) bool { return v.Verdict == fidelity.Refuted }):
		p.State = evidence.Failed
	}
	return p.writeTo(w, "fidelity")
}

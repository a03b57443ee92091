package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/fidelity"
	"mozartosim/simulator/design"
	"mozartosim/simulator/words"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// page is what page.html shows.
type page struct {
	Policy   string
	Style    template.CSS
	Script   template.JS
	Title    string
	Run      *evidence.Run // nil for a comparison alone
	Verdict  string
	Counts   evidence.Counts
	State    evidence.Status
	Rows     []tally // of the summary: one for each capability, by provider
	Total    tally
	Charts   []template.HTML // the pass rate by provider and by capability
	Failed   []placed
	Flaky    []placed
	Reasons  []tally
	Drift    *drift.Report    // alone
	Fidelity *fidelity.Report // alone
}

// writeHTML writes one page that needs nothing else: style and script stand in it, and its policy allows just these two, by
// their hashes, so that nothing that a target answered can load or run anything.
func writeHTML(out *bytes.Buffer, run *evidence.Run) error {
	p := page{
		Title: title(run), Run: run, Verdict: verdict(run), Counts: run.Count(), State: evidence.Passed,
		Failed: chosen(run, failed), Flaky: chosen(run, flaky), Reasons: notRun(run),
	}
	p.Rows, p.Total = summary(run)
	if g := gradeOf(run, ""); g != nil {
		p.Verdict = fmt.Sprintf("%s, %d of %d points: %s", g.Word, g.Points, g.Of, p.Verdict)
	}
	if len(byProvider(run)) > 1 { // else the table says it
		p.Charts = append(p.Charts, chart("Passed by provider", byProvider(run)))
	}
	if capabilities := byCapability(run); len(capabilities) > 0 {
		p.Charts = append(p.Charts, chart("Passed by capability", capabilities))
	}
	switch {
	case p.Counts.Failed > 0:
		p.State = evidence.Failed
	case p.Counts.Passed == 0:
		p.State = evidence.NotRun
	}
	return p.write(out)
}

// WriteDriftHTML writes a comparison as one self-contained page.
func WriteDriftHTML(w io.Writer, r *drift.Report) error {
	p := page{Title: fmt.Sprintf("mozartosim drift: %s → %s", r.A, r.B), Verdict: driftWords(r), Drift: r, State: evidence.Passed}
	if len(r.Findings) > 0 {
		p.State = evidence.Failed
	}
	return p.writeTo(w, "drift")
}

// writeTo writes a page at once; errors name what the page is of.
func (p *page) writeTo(w io.Writer, of string) error {
	var text bytes.Buffer
	err := p.write(&text)
	if err == nil {
		_, err = w.Write(text.Bytes())
	}
	if err != nil {
		return fmt.Errorf("report %s: %w", of, err)
	}
	return nil
}

func (p *page) write(out *bytes.Buffer) error {
	p.Style, p.Script = template.CSS("\n"+design.CSS()+pageStyle), template.JS("\n"+pageScript)
	p.Policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		hash(string(p.Style)), hash(string(p.Script)))
	tmpl, err := template.New("page").Funcs(pageFuncs()).Parse(pageText)
	if err != nil {
		return err
	}
	return tmpl.Execute(out, p)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func pageFuncs() template.FuncMap {
	return template.FuncMap{
		"took":       took,
		"after":      afterWords,
		"body":       func(body string) string { return layBody(body, mostBody) },
		"compare":    compare,
		"differ":     func(a, b string) mismatch { x, y := difference(a, b); return mismatch{Expected: x, Actual: y} },
		"brief":      brief,
		"sign":       sign,
		"headline":   headline,
		"reason":     notRunReason,
		"mark":       markWords,
		"basis":      basisClass,
		"whose":      fidelityProvider,
		"grouped":    byPSP,
		"dict":       func(p page, row any) map[string]any { return map[string]any{"page": p, "row": row} },
		"dash":       dash,
		"known":      func(c evidence.ContractRule) string { return provenanceWords(c.Basis, c.Source) },
		"headers":    headerText,
		"plural":     words.Count,
		"nothing":    orNothing,
		"verdict":    DriftVerdict,
		"capability": capabilityOf,
		"state":      state,
		"tags":       func(tags []string) string { return strings.Join(tags, " ") },
		"learned":    observations,
		"at":         at,
		"label":      labelOf,
		"short":      func(digest string) string { return digest[:min(len(digest), 12)] },
		"open": func(run *evidence.Run, i int, p placed) map[string]any { // a failure, its number on the page, and who called whom
			return map[string]any{"Feature": p.Feature, "Scenario": p.Scenario, "Open": i < mostOpen, "N": i, "Events": events(run, p.Scenario)}
		},
		"failure": failureOf,
	}
}

// mostOpen is how many failures lie open; a page of hundreds would hide its own summary.
const mostOpen = 10

// mostBody is how much of a body the page has: what any payment's call has room in.
const mostBody = 256 << 10

// failureOf is the number of a failed scenario among all.
func failureOf(all []placed, s evidence.Scenario) int {
	return slices.IndexFunc(all, func(p placed) bool { return p.Scenario.ID == s.ID && p.Scenario.Line == s.Line })
}

// state is the class and the filter's word of a scenario: everything that is neither passed nor not run has failed.
func state(s evidence.Status) string {
	switch s {
	case evidence.Passed, evidence.NotRun:
		return string(s)
	}
	return string(evidence.Failed)
}

// basisClass keeps a word that stands in a class attribute to those that the style knows.
func basisClass(basis string) string {
	switch basis {
	case "documented", "provider", "assumed", "observed", "own":
		return basis
	}
	return "unknown"
}

func headerText(headers map[string]string) string {
	var out strings.Builder
	writeHeaders(&out, headers)
	return strings.ReplaceAll(strings.TrimPrefix(out.String(), "  "), "\n  ", "\n")
}

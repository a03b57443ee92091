package drift

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// report makes findings of the differences, each with its patch; Report.Patch is all patches together.
func (c *comparison) report(r *Report, run *evidence.Run, reversed bool) {
	if r.Findings == nil {
		r.Findings = []Finding{} // an empty list, not null, for readers of the JSON
	}
	if len(c.found) == 0 && len(c.marks) == 0 {
		return // nothing to patch: the files need not be read
	}
	original, err := c.files()
	if err != nil {
		c.note("no patches: %v", err)
	}
	together := &patcher{contract: c.contract, run: run}
	if original != nil {
		together.contractFiles = maps.Clone(original)
	}
	var findings []Finding
	for _, d := range c.found {
		f := Finding{
			Kind: d.kind, Rule: d.rule.ID, Provenance: d.rule.Provenance, Description: d.rule.Description, Where: d.where, A: d.a, B: d.b, Scenarios: d.scenarios,
		}
		if f.Provenance.Basis == "" {
			f.Provenance = openapi.Provenance{Basis: openapi.Assumed, Note: "the ledger has no such entry"}
		}
		wanted := *d
		if reversed {
			wanted = d.reversed()
		}
		switch {
		case original == nil:
		case run.Target == simulatorTarget:
			f.Fix = "both runs are of the simulator: look for the change there, not in the contract"
		default:
			c.patch(&f, original, together, wanted)
		}
		findings = append(findings, f)
	}
	r.Findings = append(findings, r.Findings...)
	if original == nil {
		return
	}
	for _, change := range c.marks {
		together.try(change)
	}
	if r.Patch = diff(original, together.contractFiles); r.Patch == "" {
		return
	}
	if err := together.merges(); err != nil {
		r.Patch = ""
		c.note("there is no patch of everything, because the changes conflict: %v", err)
	}
}

// patch makes the change for one difference, alone for its finding and together with the others.
func (c *comparison) patch(f *Finding, original contractFiles, together *patcher, d difference) {
	alone := &patcher{maps.Clone(original), c.contract, together.run}
	words, err := alone.patch(d)
	if err == nil {
		err = alone.check()
	}
	switch {
	case errors.Is(err, errAlreadyAllowed):
		f.Fix = "nothing in openapi/: " + err.Error()
	case err != nil:
		f.Fix = fmt.Sprintf("by hand, at %s: %v", f.Rule, err)
	default:
		f.Fix, f.Patch = words, diff(original, alone.contractFiles)
		together.try(func(p *patcher) error { _, err := p.patch(d); return err })
	}
}

// try makes a change, or none if it fails.
func (p *patcher) try(change func(*patcher) error) {
	before := p.contractFiles
	p.contractFiles = maps.Clone(before)
	err := change(p)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		p.contractFiles = before
	}
}

// diff writes the changes between two states of the files as a unified diff for `git apply` at the repository's root.
func diff(a, b contractFiles) string {
	var out strings.Builder
	for _, name := range a.names() {
		if a[name] == b[name] {
			continue
		}
		hunks := hunks(a[name].lines, b[name].lines)
		if len(hunks) == 0 {
			continue
		}
		fmt.Fprintf(&out, "--- a/%s%s\n+++ b/%s%s\n", folder, name, folder, name)
		for _, h := range hunks {
			out.WriteString(h)
		}
	}
	return out.String()
}

// context is how many unchanged lines a hunk has on both sides.
const context = 3

// op is a line of a diff: kept, removed or added.
type op struct {
	sign byte
	text string
}

// hunks makes unified hunks of the differences between two texts. Both end with an empty line, which stands for the newline at
// the end of the file.
func hunks(a, b []string) []string {
	ops := script(strings.TrimSuffix(strings.Join(a, "\n"), "\n"), strings.TrimSuffix(strings.Join(b, "\n"), "\n"))
	var all []string
	for i := 0; i < len(ops); {
		if ops[i].sign == ' ' {
			i++
			continue
		}
		from, to := max(0, i-context), i
		for quiet := 0; to < len(ops) && quiet <= 2*context; to++ {
			if quiet++; ops[to].sign != ' ' {
				quiet = 0
			}
		}
		for to > i && ops[to-1].sign == ' ' {
			to--
		}
		end := min(len(ops), to+context)
		all = append(all, hunk(ops, from, end))
		i = end
	}
	return all
}

func hunk(ops []op, from, to int) string {
	var x, y int // lines before the hunk
	for _, o := range ops[:from] {
		x, y = step(o, x, y)
	}
	var m, n int // lines in it
	var text strings.Builder
	for _, o := range ops[from:to] {
		m, n = step(o, m, n)
		fmt.Fprintf(&text, "%c%s\n", o.sign, o.text)
	}
	return fmt.Sprintf("@@ -%d,%d +%d,%d @@\n%s", x+1, m, y+1, n, text.String())
}

func step(o op, x, y int) (int, int) {
	switch o.sign {
	case '-':
		return x + 1, y
	case '+':
		return x, y + 1
	}
	return x + 1, y + 1
}

// script finds the shortest way from one text to the other, line by line. The common beginning and end are left out of the
// search, which keeps its table small.
func script(before, after string) []op {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var head, tail []op
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, op{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append([]op{{' ', a[len(a)-1]}}, tail...)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return append(append(head, middle(a, b)...), tail...)
}

func middle(a, b []string) []op {
	longest := make([][]int, len(a)+1) // of common subsequences of a[i:] and b[j:]
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var ops []op
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			ops = append(ops, op{' ', a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || longest[i+1][j] >= longest[i][j+1]):
			ops = append(ops, op{'-', a[i]})
			i++
		default:
			ops = append(ops, op{'+', b[j]})
			j++
		}
	}
	return ops
}

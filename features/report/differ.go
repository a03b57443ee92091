package report

import (
	"html/template"
	"strconv"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/simulator/sequence"
)

// mismatch is what was expected and what was there instead, side by side.
type mismatch struct {
	Text             string // as it stands, where it does not say both
	Expected, Actual []span
}

// span is a part of a text, and whether it is where the two differ.
type span struct {
	Text   string
	Differ bool
}

// compare takes the lines of a step's error apart: "X is A, expected B" and "expected B, but A" say both sides.
func compare(text string) (all []mismatch) {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = plain(strings.TrimRight(line, "\r "))
		expected, actual := sides(line)
		if expected == "" || actual == "" {
			if n := len(all); n > 0 && all[n-1].Text != "" {
				all[n-1].Text += "\n" + line
				continue
			}
			all = append(all, mismatch{Text: line})
			continue
		}
		var m mismatch
		m.Expected, m.Actual = difference(expected, actual)
		all = append(all, m)
	}
	return all
}

// sides finds what a line expects and what it says was there; both are "" when it does not say.
func sides(line string) (expected, actual string) {
	if rest, begins := strings.CutPrefix(line, "expected "); begins {
		expected, actual, _ = strings.Cut(rest, ", but ")
		return expected, actual
	}
	i := strings.LastIndex(line, ", expected ")
	if i < 0 {
		return "", ""
	}
	actual, expected = line[:i], line[i+len(", expected "):]
	for _, verb := range []string{" is ", " are ", " answered ", " has ", " shows ", " came "} {
		if subject, value, found := strings.Cut(actual, verb); found { // which both sides then say
			return subject + verb + expected, subject + verb + value
		}
	}
	return expected, actual
}

// difference marks where two texts differ: what stands between the beginning and the end that they share, in whole words.
func difference(a, b string) (x, y []span) {
	from, to := 0, 0
	as, bs := strings.SplitAfter(a, " "), strings.SplitAfter(b, " ")
	for from < min(len(as), len(bs)) && as[from] == bs[from] {
		from++
	}
	for to < min(len(as), len(bs))-from && as[len(as)-1-to] == bs[len(bs)-1-to] {
		to++
	}
	return spans(as, from, len(as)-to), spans(bs, from, len(bs)-to)
}

func spans(words []string, from, to int) (all []span) {
	for i, part := range []string{strings.Join(words[:from], ""), strings.Join(words[from:to], ""), strings.Join(words[to:], "")} {
		if part != "" {
			all = append(all, span{part, i == 1})
		}
	}
	return all
}

// chart draws tallies as bars of what passed, failed and was not run. The table beside it has the same in words, and so does the
// drawing's label.
func chart(title string, all []tally) template.HTML {
	const name, bar, row, wide = 150, 250, 22, 480
	var out, words strings.Builder
	for i, t := range all {
		y := i * row
		out.WriteString(`<text class="ink" x="0" y="` + strconv.Itoa(y+15) + `">` + template.HTMLEscapeString(t.Name) + `</text>`)
		sum, x := t.Passed+t.Failed+t.NotRun, name
		for _, part := range []struct {
			class string
			n     int
		}{{"good", t.Passed}, {"bad", t.Failed}, {"wait", t.NotRun}} {
			if part.n == 0 {
				continue
			}
			w := max(2, part.n*bar/sum)
			out.WriteString(`<rect class="bar ` + part.class + `" x="` + strconv.Itoa(x) + `" y="` + strconv.Itoa(y+4) + `" width="` + strconv.Itoa(w) + `" height="14"/>`)
			x += w
		}
		out.WriteString(`<text x="` + strconv.Itoa(name+bar+12) + `" y="` + strconv.Itoa(y+15) + `">` + t.Score() + `</text>`)
		words.WriteString(t.Name + " " + t.Score() + "; ")
	}
	return template.HTML(`<svg class="chart" role="img" viewBox="0 0 ` + strconv.Itoa(wide) + ` ` + strconv.Itoa(row*len(all)) + `" aria-label="` +
		template.HTMLEscapeString(title+": "+strings.TrimSuffix(words.String(), "; ")) + `">` + out.String() + `</svg>`)
}

// brief is a scenario that needs no explanation: its steps as text.
func brief(s evidence.Scenario) string {
	var out strings.Builder
	for _, step := range s.Steps {
		out.WriteString(step.Keyword + step.Text + "\n")
		writeIndented(&out, "  ", step.Argument)
	}
	return plain(strings.TrimRight(out.String(), "\n"))
}

// events draws the calls and webhooks of a scenario in the order of its steps, those of one step in theirs.
func events(run *evidence.Run, s evidence.Scenario) template.HTML {
	caller, called, sender := "test", run.Target, run.Target
	if run.Kind == "certify" {
		caller, called, sender = "certifier", "shop", "simulator"
	}
	d := sequence.Diagram{Title: "The order of events", Participants: []string{caller, called, sender, "handler"}}
	if called == sender {
		d.Participants = []string{caller, called, "handler"}
	}
	webhooks := s.Webhooks
	for step := range max(1, len(s.Steps)) {
		for _, e := range s.Exchanges {
			if e.Step == step && !e.Control {
				answer := strconv.Itoa(e.Answer.Status)
				if e.Error != "" {
					answer = "no answer"
				}
				text := plain(labelOf(s, e.Label) + ": " + answer)
				d.Messages = append(d.Messages, sequence.Message{From: caller, To: called, Text: text, Failed: e.Error != "" || e.Answer.Status >= 500})
			}
		}
		for ; len(webhooks) > 0 && webhooks[0].Step <= step; webhooks = webhooks[1:] {
			text := "webhook " + strconv.Itoa(webhooks[0].N) + ": " + strconv.Itoa(webhooks[0].Answered)
			d.Messages = append(d.Messages, sequence.Message{From: sender, To: "handler", Text: text, Failed: webhooks[0].Answered/100 != 2})
		}
	}
	if len(d.Messages) < 2 {
		return ""
	}
	return template.HTML(d.SVG()) //nolint:gosec // it escapes what it is given
}

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// maxBody is how much of a body a text report shows; evidence has the whole.
const maxBody = 4000

// detail is everything that helps to understand one scenario, as plain text: its steps, calls, webhooks, what the contract
// says, the payment's timeline.
func detail(s evidence.Scenario) string {
	var out strings.Builder
	for _, step := range s.Steps {
		fmt.Fprintf(&out, "%s %s%s\n", sign(step.Status), step.Keyword, step.Text)
		writeIndented(&out, "    ", step.Argument)
		writeIndented(&out, "      ", step.Error)
	}
	if step := failedStep(s); s.Reason != "" && (step == nil || step.Error == "" || !strings.Contains(s.Reason, step.Error)) {
		fmt.Fprintf(&out, "\n%s\n", s.Reason) // otherwise it stands at its step
	}
	if s.Advice != "" {
		fmt.Fprintf(&out, "\n%s\n", s.Advice)
	}
	for i, earlier := range s.Earlier {
		fmt.Fprintf(&out, "\ntry %d failed: %s\n", i+1, earlier)
	}
	out.WriteString(traffic(s))
	out.WriteString(knowledge(s))
	if s.Timeline != "" {
		fmt.Fprintf(&out, "\nThe payment\n")
		writeIndented(&out, "  ", s.Timeline)
	}
	return plain(strings.TrimLeft(out.String(), "\n"))
}

// plain is a target's text as it may be shown: what a target answers is never obeyed by a terminal.
func plain(text string) string { return mask.Printable(text) }

// traffic is what went over the wire.
func traffic(s evidence.Scenario) string {
	var out strings.Builder
	for _, e := range s.Exchanges {
		if e.Control {
			continue
		}
		out.WriteString("\n" + exchangeText(s, e))
	}
	for _, w := range s.Webhooks {
		fmt.Fprintf(&out, "\nWebhook %d of %s, %s%s\n", w.N, labelOf(s, w.Label), afterWords(w.After), duplicateWords(w))
		writeHeaders(&out, w.Headers)
		writeIndented(&out, "  ", bodyText(w.Body))
	}
	return out.String()
}

func exchangeText(s evidence.Scenario, e evidence.Exchange) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Request %s: %s %s\n", labelOf(s, e.Label), e.Request.Method, e.Request.Path)
	writeHeaders(&out, e.Request.Headers)
	writeIndented(&out, "  ", bodyText(e.Request.Body))
	if e.Error != "" {
		fmt.Fprintf(&out, "No answer: %s\n", e.Error)
		return out.String()
	}
	fmt.Fprintf(&out, "Answer %d, %s\n", e.Answer.Status, took(e.Took))
	writeHeaders(&out, e.Answer.Headers)
	writeIndented(&out, "  ", bodyText(e.Answer.Body))
	return out.String()
}

// knowledge is what the contract says on what failed, and how that is known.
func knowledge(s evidence.Scenario) string {
	if len(s.Contract) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString("\nThe contract says\n")
	for _, rule := range s.Contract {
		fmt.Fprintf(&out, "  %s: %s (%s)\n", rule.ID, rule.Says, provenanceWords(rule.Basis, rule.Source))
	}
	return out.String()
}

func provenanceWords(basis, source string) string {
	if source == "" {
		return basis
	}
	return basis + ", " + source
}

func markWords(p openapi.Provenance) string { return provenanceWords(string(p.Basis), p.Source) }

func afterWords(after evidence.Span) string {
	if after < 0 {
		return time.Duration(-after).Round(time.Millisecond).String() + " before the answer"
	}
	return time.Duration(after).Round(time.Millisecond).String() + " after the answer"
}

func duplicateWords(w evidence.Webhook) string {
	if w.Duplicate {
		return ", a duplicate"
	}
	return ""
}

func writeHeaders(out *strings.Builder, headers map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		fmt.Fprintf(out, "  %s: %s\n", name, headers[name])
	}
}

func writeIndented(out *strings.Builder, indent, text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		out.WriteString(indent + strings.TrimRight(line, "\r") + "\n")
	}
}

// bodyText lays out a body for a terminal.
func bodyText(body string) string { return layBody(body, maxBody) }

// layBody lays out a body for people: JSON indented, in its own order, and cut after so many bytes.
func layBody(body string, most int) string {
	var laid bytes.Buffer
	if json.Indent(&laid, []byte(body), "", "  ") == nil {
		body = laid.String()
	}
	if len(body) <= most {
		return body
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(body[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d more bytes)", body[:cut], len(body)-cut)
}

// sign marks a status in plain text.
func sign(status evidence.Status) string {
	switch status {
	case evidence.Passed:
		return "✓"
	case evidence.Failed:
		return "✗"
	case evidence.Undefined:
		return "?"
	}
	return "-"
}

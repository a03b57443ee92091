package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/refusal"
	"mozartosim/simulator/words"
)

// functions are the functions of templates.
func functions() template.FuncMap {
	return template.FuncMap{
		"time": formatTime, "relative": relative, "instant": func(t time.Time) string { return t.Format(time.RFC3339Nano) }, "pretty": pretty, "printable": printable, "amount": amount, "tail": tail, "sentences": sentences, "word": word,
		"count": words.Count, "modes": func() []string { return []string{"real", "scaled", "manual"} }, "flowname": flowName, "prose": prose, "dict": dict, "flows": flowsOf, "event": event, "success": success, "svg": svg, "statustext": http.StatusText, "advice": refusal.Advice,
		"types": adminapi.PaymentTypes, "statuses": adminapi.PaymentStatuses, "webhookstates": adminapi.WebhookStates,
		"deliverystates": adminapi.DeliveryStates, "stages": adminapi.Stages, "outcomes": adminapi.Outcomes, "outagekinds": adminapi.OutageKinds, "bases": adminapi.Bases,
	}
}

// event is what a webhook's body tells: the status, and the merchant's reference if there is one.
func event(body string) string {
	var hook struct {
		Status    string `json:"transaction_status"`
		Reference string `json:"merchantReference"`
	}
	if json.Unmarshal([]byte(body), &hook) != nil || hook.Status == "" {
		return "without a status"
	}
	return strings.TrimSuffix(hook.Status+" · "+hook.Reference, " · ")
}

// svg draws a chart or a diagram.
func svg(of interface{ SVG() string }) template.HTML { return template.HTML(of.SVG()) } //nolint:gosec // their packages escape

// success is the share of a provider's decided payments that succeeded, as "75 %"; "" when none is decided.
func success(c adminapi.ProviderCounts) string {
	if c.Succeeded+c.Failed == 0 {
		return ""
	}
	return strconv.Itoa(c.Succeeded*100/(c.Succeeded+c.Failed)) + " %"
}

// amount writes money with at least two decimals, as the hosted pages do.
func amount(n json.Number) string {
	whole, decimals, _ := strings.Cut(n.String(), ".")
	for len(decimals) < 2 {
		decimals += "0"
	}
	return whole + "." + decimals
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

// relative says how far a time is from now: "2 min ago", "in 5 s".
func relative(now, at time.Time) string {
	away := now.Sub(at)
	if away < 0 {
		return "in " + span(-away)
	}
	if away < time.Second {
		return "now"
	}
	return span(away) + " ago"
}

// span writes a duration in its largest unit, or in milliseconds where it is short.
func span(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if d >= unit.of {
			return strconv.Itoa(int(d/unit.of)) + " " + unit.name
		}
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
}

// after writes how much later something happened: "+250 ms", "+2.5 s", "+10 min 5 s", "+26 h".
func after(d time.Duration) string {
	switch d = d.Round(time.Millisecond); {
	case d < time.Second:
		return "+" + strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return "+" + strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
	case d < time.Hour:
		return strings.TrimSuffix(fmt.Sprintf("+%d min %d s", int(d.Minutes()), int(d.Seconds())%60), " 0 s")
	}
	return strings.TrimSuffix(fmt.Sprintf("+%d h %d min", int(d.Hours()), int(d.Minutes())%60), " 0 min")
}

// pretty indents JSON, a string or a json.RawMessage, and leaves other texts as they are; the digits of numbers stay.
func pretty(raw any) string {
	text := fmt.Sprintf("%s", raw)
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return printable(text)
	}
	return out.String()
}

// printable replaces bytes that a page can't contain.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, text)
}

// dict passes several values to a template.
func dict(pairs ...any) map[string]any {
	all := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		all[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return all
}

// word writes a word of the API for people: awaiting_approval is "awaiting approval", PAYIN is "pay-in".
func word(text string) string {
	return strings.NewReplacer("_", " ", "-", " ", "PAYIN", "pay-in", "PAYOUT", "pay-out", "payin", "pay-in", "payout", "pay-out").Replace(text)
}

// tail is the end of an id, by which people tell it from its neighbours; a delivery's has its number, a call's is its number.
func tail(id string) string {
	if first, number, numbered := strings.Cut(id, "-"); numbered && len(first) > 8 {
		return tail(first) + "-" + number
	} else if numbered && len(first) == 8 { // a call's: what comes first is the same for all of the process
		return "…-" + number
	}
	if len(id) <= 10 {
		return id
	}
	return "…" + id[len(id)-8:]
}

// sentences makes sentences of what the ledger says a field has to be: "required; The amount" is "The field is required. The amount."
func sentences(text string) string {
	var out []string
	for part := range strings.SplitSeq(text, "; ") {
		switch rest, isRequired := strings.CutPrefix(part, "required"); {
		case isRequired && rest == "":
			part = "The field is required"
		case isRequired:
			part = "The field is required: " + strings.TrimLeft(rest, ", ")
		case part != "" && !isFieldName(part):
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		if part = strings.TrimRight(part, ". "); part != "" {
			out = append(out, part+".")
		}
	}
	return strings.Join(out, " ")
}

// isFieldName says whether a sentence begins with a field's name, such as pspType, which has one spelling.
func isFieldName(part string) bool {
	first, _, _ := strings.Cut(part, " ")
	return strings.ToLower(first) != first || strings.ContainsAny(first, "._")
}

// piece is a part of a sentence: plain words, or code.
type piece struct {
	Text string
	Code bool
}

// prose cuts a sentence at its backticks, so that a page shows code as code; a backtick without a second one stays.
func prose(text string) (pieces []piece) {
	for text != "" {
		before, rest, _ := strings.Cut(text, "`")
		code, after, closed := strings.Cut(rest, "`")
		if !closed {
			return append(pieces, piece{Text: text})
		}
		pieces, text = append(pieces, piece{Text: before}, piece{Text: code, Code: true}), after
	}
	return pieces
}

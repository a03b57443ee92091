package drift

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// refusal is an answer that refuses a call.
type refusal struct {
	evidence.Exchange
	op     *openapi.Operation
	body   body // of the answer
	theirs bool // it is a target's, compared with the simulator
}

// passed says that a call came as far as the provider: it was accepted, or failed there.
func (r *refusal) passed() bool { return r.Answer.Status/100 == 2 || r.body.text("errorCode") != "" }

// said is the sentence that says what is wrong: the first of errors[], else the message, else the code.
func (r *refusal) said() string {
	for _, text := range []string{r.body.text("errors[0]"), r.body.text("message"), r.body.text("data")} {
		if text != "" {
			return text
		}
	}
	return r.body.errorWord()
}

// words are what a report shows of an answer: its status, and its sentence.
func (r *refusal) words() string {
	words := strings.TrimSpace(fmt.Sprintf("%d %s", r.Answer.Status, http.StatusText(r.Answer.Status)))
	message, first := r.body.text("message"), r.body.text("errors[0]")
	if r.Answer.Status/100 == 2 || message == "" {
		return words
	}
	words = fmt.Sprintf("%d %q", r.Answer.Status, message)
	if first != "" {
		words += ": " + first
	}
	return words
}

// field is the field of the request that the refusal is about: one that its sentence begins with, else one that it names.
func (r *refusal) field() string {
	if r.op == nil {
		return ""
	}
	said := r.said()
	for _, word := range fieldWord.FindAllString(strings.TrimPrefix(said, missingPrefix), -1) {
		if word = strings.TrimRight(word, "."); r.op.HasField(word) && word != "type" {
			return word
		}
	}
	for _, f := range r.op.Fields() { // "Country not supported"
		if first, _, _ := strings.Cut(said, " "); strings.EqualFold(first, f.Path) {
			return f.Path
		}
	}
	return ""
}

var fieldWord = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_.]*`)

// asked is what the request has in the field that the refusal is about.
func (r *refusal) asked() string {
	field := r.field()
	if field == "" {
		return ""
	}
	v, there := newBody(r.Request.Body).fields[field]
	if !there || v.Kind == "null" {
		return field + " is absent"
	}
	return field + " is " + v.shown()
}

// template is a sentence without the name of the request's field that it is about.
func template(text, field string) string {
	if field == "" {
		return text
	}
	named := regexp.MustCompile(`\b` + regexp.QuoteMeta(field) + `\b`)
	return named.ReplaceAllString(text, "{field}")
}

// refusedBy is the ledger's entry that a refusal is about, and the one that is about all refusals of its Kind: a field of the
// request, a rule of the provider's, the credentials, a code.
func (c *contract) refusedBy(r refusal) (rule, general openapi.Entry) {
	message := r.body.text("message")
	if general = c.wordRule(r.body, r.Answer.Status); general.ID == "" {
		general = c.ledger[cashierRule]
	}
	field := r.field()
	switch {
	case r.Answer.Status == http.StatusUnauthorized || r.Answer.Status == http.StatusForbidden && message != "Password expired":
		return c.ledger[r.credentials()], c.ledger["company-token"]
	case field != "":
		return c.brokenRule(r, field), general
	}
	return general, general
}

// credentials is the rule of the header that a call lacks, else that of the company's token.
func (r *refusal) credentials() string {
	switch {
	case header(r.Request.Headers, "Authorization") == "":
		return "company-token"
	case header(r.Request.Headers, "x-user-token") == "" && header(r.Request.Headers, "x-user-authorization") == "":
		return "user-context"
	case header(r.Request.Headers, "x-user-token") == "" && r.op != nil && r.op.UserToken == "required":
		return "user-token-required"
	case header(r.Request.Headers, "x-user-token") == "":
		return "verify-user-answers"
	}
	return "company-token"
}

// brokenRule is the rule of a field that a request breaks: the field's own where the contract refuses the request by its schema, or
// where a target enforces what the contract does not know; else the named rule whose words the refusal's sentence is most like.
func (c *contract) brokenRule(r refusal, field string) openapi.Entry {
	own := c.rule(r.op.Schema, field)
	request, _ := openapi.Decode([]byte(r.Request.Body)) // empty when it is no JSON object: then it has no problems
	for _, problem := range c.Problems(r.op.Schema, request) {
		if problem.Path == field || below(problem.Path, field) {
			return own
		}
	}
	ids := map[string]string{"baseamount": "amount-decimals", "card.pan": "live-cards"}
	candidates := []openapi.Entry{c.ledger[ids[field]]}
	for _, named := range r.op.Rules {
		candidates = append(candidates, c.ledger[r.op.Schema+"/"+named.Name])
	}
	best, most := own, 1
	if r.theirs {
		return own
	}
	for _, e := range candidates {
		if n := commonWords(e.Description, r.said()); e.ID != "" && n > most {
			best, most = e, n
		}
	}
	return best
}

// commonWords counts the words of a text that another has too.
func commonWords(text, other string) (n int) {
	words := strings.FieldsFunc(strings.ToLower(text), notInWord)
	for _, word := range slices.Compact(slices.Sorted(slices.Values(strings.FieldsFunc(strings.ToLower(other), notInWord)))) {
		if slices.Contains(words, word) {
			n++
		}
	}
	return n
}

func notInWord(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }

// wordRule is the entry of a behaviour that names an error's code, or its text and HTTP status, or begins with its text.
func (c *contract) wordRule(b body, status int) (found openapi.Entry) {
	code, message := b.text("errorCode"), b.text("message")
	for _, e := range c.entries {
		says := func(word string) bool { return word != "" && strings.Contains(e.Description, word) }
		withStatus := strings.Contains(e.Description, fmt.Sprintf("HTTP %d", status))
		switch {
		case strings.Contains(e.ID, "."):
		case withStatus && (says(code) || says(message)):
			return e
		case found.ID == "" && (says(code) || message != "" && strings.HasPrefix(e.Description, message)):
			found = e
		}
	}
	return found
}

// status collects a call that one run refused and the other accepted, or let pass to the provider, or refused with another status. The
// first is about the rule that one of the two does not enforce; the second about an error, whatever rules lead to it.
func (c *differences) status(p place, a, b refusal) {
	p.what = "answer"
	d := Change{
		Kind: ChangedStatus, Status: [2]int{a.Answer.Status, b.Answer.Status}, was: Value{Text: a.body.errorWord()}, is: Value{Text: b.body.errorWord()},
		A: a.words(), B: b.words(),
	}
	refused, one := a, a.passed() != b.passed()
	if a.passed() && (one || a.Answer.Status/100 == 2) {
		refused = b
	}
	d.Rule, d.general = c.contract.refusedBy(refused)
	d.cause = fmt.Sprint(a.Answer.Status, " ", b.Answer.Status)
	switch {
	case a.Answer.Status/100 == 2 && b.Answer.Status/100 == 2: // neither was refused
		d.Rule = c.contract.rule(p.Schema, "status")
		d.general = d.Rule
	case one:
		d.Request, d.cause = refused.asked(), fmt.Sprint(a.passed())
		if a.passed() {
			d.Status[0] = http.StatusOK
		} else {
			d.Status[1] = http.StatusOK
		}
		if d.Rule.ID != d.general.ID {
			d.general = openapi.Entry{} // each rule that is not enforced is a finding
		}
	default:
		d.cause += "\x00" + template(a.body.errorWord(), a.field())
		d.A, d.B = shortWords(a, b), shortWords(b, a)
	}
	p.Schema = ""
	c.add(p, d)
}

// shortWords is a status, with its message where the other's is different.
func shortWords(r, other refusal) string {
	if message := r.body.text("message"); message != "" && message != other.body.text("message") {
		return fmt.Sprintf("%d %q", r.Answer.Status, message)
	}
	return fmt.Sprintf("%d %s", r.Answer.Status, http.StatusText(r.Answer.Status))
}

// errorText collects another text of an error. Texts that differ in the name of a field only are one, and about that field where
// it is the only one.
func (c *differences) errorText(p place, path string, a, b Value) {
	r := refusal{op: p.Op, body: body{fields: map[string]Value{path: a}}}
	if withoutIndex(path) == "errors" {
		r.body.fields = map[string]Value{"errors[0]": a}
		path = "errors[]"
	}
	field := r.field()
	from, to := template(a.Text, field), template(b.Text, field)
	d := Change{
		Kind: ChangedText, Path: path, A: a.shown(), B: b.shown(), was: Value{Kind: "string", Text: from}, is: Value{Kind: "string", Text: to},
		Rule: c.contract.rule(p.Schema, path), general: c.contract.rule(p.Schema, path), cause: c.contract.words(from) + "\x00" + c.contract.words(to),
	}
	if field != "" {
		d.Rule = c.contract.rule(p.Op.Schema, field)
	}
	c.add(p, d)
}

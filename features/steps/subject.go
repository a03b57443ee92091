package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"mozartosim/features/cells"
	"mozartosim/openapi"
)

// request is what the merchant is about to send. One that has been sent stays as it was: a change makes a copy.
type request struct {
	op     *openapi.Operation
	fields map[string]any
	raw    []byte // instead of fields, when a step has written the body itself
}

func (r *request) body() ([]byte, error) {
	if r.raw != nil {
		return r.raw, nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text) // it writes a json.Number with the digits that it has
	enc.SetEscapeHTML(false)
	err := enc.Encode(r.fields)
	return bytes.TrimRight(text.Bytes(), "\n"), err
}

// credentials are what the next calls present: nil is the company's own, "" leaves the header out.
type credentials struct {
	company, user, session *string
}

// present puts the credentials into a call's header.
func (p credentials) present(header http.Header, c *Company) {
	set := func(name, own string, instead *string) {
		if instead != nil {
			own = *instead
		}
		if own != "" {
			header.Set(name, own)
		}
	}
	header.Set("Content-Type", "application/json")
	set("Authorization", "Bearer "+c.Token, p.company)
	user := ""
	if p.session == nil {
		user = "Bearer " + signed(c.User, "mozartosim-user")
	}
	set("x-user-token", user, p.user)
	set("x-user-authorization", "", p.session)
}

// Sign puts the company's credentials and its shopper's into a call's header.
func (c *Company) Sign(header http.Header) { credentials{}.present(header, c) }

// answer is what came back from a call.
type answer struct {
	op             *openapi.Operation
	by             *Company // that called
	status         int      // 0 = no answer at all
	header         http.Header
	body           []byte
	masked         string           // the body as it may be shown
	doc            openapi.Document // empty when the body is no JSON object
	err            error            // why there is no answer, or why it broke off
	exchange       int              // index of its exchange in the evidence
	at             time.Time        // on the company's clock
	begun, arrived time.Time        // when the call began and when the answer's head arrived, in real time
}

// String shows an answer in a line.
func (a *answer) String() string {
	switch {
	case a.status == 0:
		return fmt.Sprintf("there was no answer: %v", a.err)
	case a.err != nil:
		return fmt.Sprintf("the answer %d broke off (%v) after %q", a.status, a.err, cells.Clip(a.masked))
	}
	return fmt.Sprintf("the answer was %d %s", a.status, cells.Clip(a.masked))
}

// schema names the contract's schema for an answer: the operation's own, or the error's shape.
func (a *answer) schema() string {
	if a.status == http.StatusOK && a.op != nil {
		return a.op.Answer
	}
	return openapi.ErrorSchema(a.doc.Has)
}

// rules names the ledger's entries about a field of the answer, the nearest first.
func (a *answer) rules(path string) []string {
	found := []string{a.schema() + "." + path}
	if a.status != http.StatusOK && a.op != nil { // a refusal is about the request's rules
		for _, r := range a.op.Rules {
			found = append(found, a.op.Schema+"/"+r.Name)
		}
	}
	return found
}

// whole names the ledger's entries about an answer as a whole.
func (a *answer) whole() []string {
	return []string{a.schema(), "POST " + openapi.CashierPath}
}

// page is the provider's page that is open. Which states and controls the simulator's pages have stands in
// simulator/pages/TESTIDS.md.
type page struct {
	status int
	header http.Header
	body   []byte
}

// attribute returns the first value of an attribute of the page.
func (p *page) attribute(name string) string {
	found := regexp.MustCompile(`\s` + name + `="([^"]*)"`).FindSubmatch(p.body)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// offers lists the page's test ids.
func (p *page) offers() []string {
	var all []string
	for _, found := range regexp.MustCompile(`\sdata-testid="([^"]*)"`).FindAllSubmatch(p.body, -1) {
		all = append(all, string(found[1]))
	}
	return all
}

package console_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

// shared is the simulator of most tests; each has a company of its own in it.
var shared = sync.OnceValues(func() (*simtest.Sim, error) {
	config := simtest.Default()
	config.ValidateAnswers = true
	return simtest.Open(config)
})

func TestMain(m *testing.M) {
	code := m.Run()
	sim, err := shared()
	if err == nil {
		err = sim.Close()
	}
	if err == nil {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// browser uses the console of a running simulator as a person without scripts does: it follows links, fills in forms, keeps
// cookies. Every page that it gets must be well-formed.
type browser struct {
	*testing.T
	sim     *simtest.Sim
	company adminapi.Company // that pages are about, when their address names none
	api     *adminapi.CompanyClient
	client  *http.Client
	at      *url.URL
	page    *node
	status  int
	header  http.Header
	body    string
}

var companies atomic.Int64

// open opens the console for a new company that is set up like the demo company.
func open(t *testing.T) *browser {
	t.Helper()
	sim, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := sim.Demo.BackOffice().Company(t.Context(), adminapi.Revealed)
	if err != nil {
		t.Fatal(err)
	}
	in := adminapi.CompanyInput{Name: fmt.Sprintf("test-%d", companies.Add(1)), PSPs: demo.PSPs, Brands: demo.Brands, Users: demo.Users}
	for _, rule := range demo.Rules {
		in.Rules = append(in.Rules, adminapi.RuleInput{PSP: rule.PSP, Brand: rule.Brand})
	}
	company, err := sim.Client.CreateCompany(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return newBrowser(t, sim, company)
}

// start opens the console of a simulator that the test has for itself, for the demo company.
func start(t *testing.T, options ...simtest.Option) *browser {
	t.Helper()
	return newBrowser(t, simtest.Start(t, options...), adminapi.Company{})
}

func newBrowser(t *testing.T, sim *simtest.Sim, company adminapi.Company) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(sim.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{
		T: t, sim: sim, company: company, api: sim.Client.Company(company.ID),
		client: &http.Client{Jar: jar, Transport: &http.Transport{}}, at: at,
	}
	t.Cleanup(b.client.CloseIdleConnections)
	return b
}

func withToken(token string) simtest.Option {
	return simtest.Config(func(c *simulator.Config) { c.AdminToken = token })
}

// do sends a request and reads the page that comes back. extra are pairs of header names and values.
func (b *browser) do(method, to, body string, extra ...string) *browser {
	b.Helper()
	target, err := b.at.Parse(to)
	if err != nil {
		b.Fatal(err)
	}
	r, err := http.NewRequest(method, target.String(), strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", target.Scheme+"://"+target.Host)
	}
	for i := 0; i < len(extra); i += 2 {
		if extra[i] == "Host" {
			r.Host = extra[i+1]
		}
		r.Header.Set(extra[i], extra[i+1])
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	b.at, b.status, b.header, b.body, b.page = answer.Request.URL, answer.StatusCode, answer.Header, string(text), nil
	if strings.HasPrefix(b.header.Get("Content-Type"), "text/html") {
		b.page = parse(b.T, to, b.body)
	}
	return b
}

// get opens a page, for the browser's company unless the address names one.
func (b *browser) get(to string, extra ...string) *browser {
	b.Helper()
	if b.company.Name != "" && strings.HasPrefix(to, "/") && !strings.Contains(to, "company=") {
		separator := "?"
		if strings.Contains(to, "?") {
			separator = "&"
		}
		to += separator + "company=" + b.company.Name
	}
	return b.do("GET", to, "", extra...)
}

// home is the path of the company's page.
func (b *browser) home() string {
	if b.company.Name == "" {
		return "/companies/demo"
	}
	return "/companies/" + b.company.Name
}

func (b *browser) want(status int) *browser {
	b.Helper()
	if b.status != status {
		b.Fatalf("%s: status %d, want %d\n%s", b.at, b.status, status, b.problem())
	}
	return b
}

// problem is the error that a page shows, or its beginning.
func (b *browser) problem() string {
	if b.page != nil {
		if found := b.page.all("error"); len(found) > 0 {
			return found[0].text()
		}
	}
	return b.body[:min(len(b.body), 600)]
}

// one returns the first element with a data-testid.
func (b *browser) one(id string) *node {
	b.Helper()
	found := b.page.all(id)
	if len(found) == 0 {
		b.Fatalf("%s has no %s: %s", b.at, id, b.problem())
	}
	return found[0]
}

// has checks that an element contains a text.
func (b *browser) has(id, text string) *browser {
	b.Helper()
	if got := b.one(id).text(); !strings.Contains(got, text) {
		b.Errorf("%s: %s is %q, want %q", b.at, id, got, text)
	}
	return b
}

// hasNo checks that there is no such element.
func (b *browser) hasNo(ids ...string) *browser {
	b.Helper()
	for _, id := range ids {
		if len(b.page.all(id)) > 0 {
			b.Errorf("%s has a %s", b.at, id)
		}
	}
	return b
}

// click follows a link, or sends the form of a button, with fields filled in: pairs of name and value.
func (b *browser) click(id string, fields ...string) *browser {
	b.Helper()
	return b.press(b.one(id), fields...)
}

func (b *browser) press(button *node, fields ...string) *browser {
	b.Helper()
	if button.name == "a" {
		return b.get(button.attr["href"])
	}
	form := button.ancestor("form")
	if form == nil {
		b.Fatalf("%s: the button is in no form", b.at)
	}
	values := form.values(button)
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
		if fields[i+1] == "-" {
			values.Del(fields[i])
		}
	}
	if form.attr["method"] != "post" {
		return b.get(form.attr["action"] + "?" + values.Encode())
	}
	return b.do("POST", form.attr["action"], values.Encode())
}

// token is the token of the page's forms.
func (b *browser) token() (token string) {
	b.page.each(func(n *node) {
		if n.attr["name"] == "_token" {
			token = n.attr["value"]
		}
	})
	return token
}

// node is an element of a page.
type node struct {
	name     string
	attr     map[string]string
	parent   *node
	children []*node // elements, and texts without a name
	data     string  // of a text
}

var void = []string{"meta", "link", "input", "br", "hr", "img"}

// parse reads a page, and fails the test when it is not well-formed: an element that is not closed, or closed twice, an id
// that is there twice, a label without a field, a heading that skips a level.
func parse(t *testing.T, where, text string) *node {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.Strict, dec.Entity = false, xml.HTMLEntity
	root := &node{name: "document"}
	at := root
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s is not well-formed: %v", where, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attr: map[string]string{}, parent: at}
			for _, a := range token.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			at.children = append(at.children, n)
			if !slices.Contains(void, n.name) {
				at = n
			}
		case xml.EndElement:
			if slices.Contains(void, token.Name.Local) {
				continue
			}
			if at.name != token.Name.Local {
				t.Fatalf("%s: </%s> closes <%s> %v", where, token.Name.Local, at.name, at.attr)
			}
			at = at.parent
		case xml.CharData:
			at.children = append(at.children, &node{data: string(token), parent: at})
		}
	}
	if at != root {
		t.Fatalf("%s: <%s> is not closed", where, at.name)
	}
	root.check(t, where)
	return root
}

func (n *node) check(t *testing.T, where string) {
	t.Helper()
	ids, level := map[string]bool{}, 0
	n.each(func(e *node) {
		if id := e.attr["id"]; id != "" {
			if ids[id] {
				t.Errorf("%s has the id %s twice", where, id)
			}
			ids[id] = true
		}
	})
	labelled := map[string]bool{}
	n.each(func(e *node) {
		if e.name == "label" && e.attr["for"] != "" {
			labelled[e.attr["for"]] = true
			if !ids[e.attr["for"]] {
				t.Errorf("%s: the label %q belongs to no field", where, e.text())
			}
		}
	})
	n.each(func(e *node) {
		if len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6' {
			if now := int(e.name[1] - '0'); now > level+1 {
				t.Errorf("%s: heading %q skips a level", where, e.text())
			} else {
				level = now
			}
		}
		typed := e.name == "textarea" || e.name == "select" || e.name == "input" && e.attr["type"] != "hidden"
		if typed && !labelled[e.attr["id"]] && e.ancestor("label") == nil {
			t.Errorf("%s: the field %s %s has no label", where, e.attr["name"], e.attr["data-testid"])
		}
		if e.attr["style"] != "" || e.attr["onclick"] != "" || e.name == "style" || e.name == "script" && e.attr["src"] == "" {
			t.Errorf("%s: <%s> has a style or script of its own", where, e.name)
		}
		if (e.name == "a" || e.name == "button") && strings.TrimSpace(e.text()) == "" && e.attr["aria-label"] == "" {
			t.Errorf("%s: a %s without text", where, e.name)
		}
	})
}

func (n *node) each(do func(*node)) {
	for _, b := range n.children {
		if b.name != "" {
			do(b)
			b.each(do)
		}
	}
}

// all finds the elements of a data-testid.
func (n *node) all(id string) (found []*node) {
	if n == nil {
		return nil
	}
	n.each(func(e *node) {
		if e.attr["data-testid"] == id {
			found = append(found, e)
		}
	})
	return found
}

func (n *node) ancestor(name string) *node {
	for at := n.parent; at != nil; at = at.parent {
		if at.name == name {
			return at
		}
	}
	return nil
}

// text is the text of an element; of a field, its value.
func (n *node) text() string {
	if n.name == "input" {
		return n.attr["value"]
	}
	var out strings.Builder
	var walk func(*node)
	walk = func(at *node) {
		out.WriteString(at.data)
		for _, b := range at.children {
			walk(b)
		}
	}
	walk(n)
	return strings.TrimSpace(out.String())
}

// values are what a form sends when one of its buttons is pressed.
func (n *node) values(button *node) url.Values {
	values := url.Values{}
	n.each(func(e *node) {
		name := e.attr["name"]
		_, checked := e.attr["checked"]
		switch {
		case name == "":
		case e.name == "input" && (e.attr["type"] == "checkbox" || e.attr["type"] == "radio"):
			if checked {
				values.Add(name, e.attr["value"])
			}
		case e.name == "input":
			values.Add(name, e.attr["value"])
		case e.name == "textarea":
			values.Add(name, e.text())
		case e.name == "select":
			values.Add(name, e.selected())
		case e == button:
			values.Add(name, e.attr["value"])
		}
	})
	return values
}

// selected is the value of a select.
func (n *node) selected() string {
	first, chosen, any := "", "", false
	n.each(func(o *node) {
		_, selected := o.attr["selected"]
		if !any && first == "" {
			first = o.attr["value"]
		}
		if selected {
			chosen, any = o.attr["value"], true
		}
	})
	if any {
		return chosen
	}
	return first
}

// pay sends the form for a flow and returns the payment's id.
func (b *browser) pay(flow string, fields ...string) string {
	b.Helper()
	b.get("/cashier?flow="+flow).want(200).click("cashier-submit", fields...).want(200)
	path, _, _ := strings.Cut(b.one("cashier-payment").attr["href"], "?")
	return strings.TrimPrefix(path, "/payments/")
}

func (b *browser) advance(by time.Duration) {
	b.Helper()
	if _, err := b.api.Advance(context.Background(), adminapi.AdvanceInput{By: by.String()}); err != nil {
		b.Fatal(err)
	}
}

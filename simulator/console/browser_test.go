package console_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mozartosim/simulator"
	"mozartosim/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// browser visits the console of a running simulator as a person without a script would: it follows links, fills in forms,
// keeps cookies. Every page that it meets must be well-formed.
type browser struct {
	*testing.T
	sim    *simtest.Sim
	client *http.Client
	at     *url.URL
	page   *node
	status int
	header http.Header
	text   string
}

func visit(t *testing.T, options ...simtest.Option) *browser {
	t.Helper()
	sim := simtest.Start(t, options...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(sim.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{T: t, sim: sim, client: &http.Client{Jar: jar, Transport: &http.Transport{}}, at: at}
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
	b.at, b.status, b.header, b.text, b.page = answer.Request.URL, answer.StatusCode, answer.Header, string(text), nil
	if strings.HasPrefix(b.header.Get("Content-Type"), "text/html") {
		b.page = parse(b.T, to, b.text)
	}
	return b
}

func (b *browser) get(to string, extra ...string) *browser {
	b.Helper()
	return b.do("GET", to, "", extra...)
}

func (b *browser) want(status int) *browser {
	b.Helper()
	if b.status != status {
		b.Fatalf("%s: status %d, want %d\n%s", b.at, b.status, status, b.said())
	}
	return b
}

// said is what a page tells of errors, or its beginning.
func (b *browser) said() string {
	if b.page != nil {
		if found := b.page.all("error"); len(found) > 0 {
			return found[0].words()
		}
	}
	return b.text[:min(len(b.text), 600)]
}

// one returns the only, or the first, element of a name.
func (b *browser) one(id string) *node {
	b.Helper()
	found := b.page.all(id)
	if len(found) == 0 {
		b.Fatalf("%s has no %s: %s", b.at, id, b.said())
	}
	return found[0]
}

// sees checks that an element says something.
func (b *browser) sees(id, words string) *browser {
	b.Helper()
	if got := b.one(id).words(); !strings.Contains(got, words) {
		b.Errorf("%s: %s says %q, want %q", b.at, id, got, words)
	}
	return b
}

// not checks that there is no such element.
func (b *browser) not(ids ...string) *browser {
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
	form := button.above("form")
	if form == nil {
		b.Fatalf("%s: the button stands in no form", b.at)
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

// token is what the page's forms bear.
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
	name   string
	attr   map[string]string
	parent *node
	below  []*node // elements, and texts without a name
	text   string
}

var void = []string{"meta", "link", "input", "br", "hr", "img"}

// parse reads a page, and fails the test when it is not well-formed: an element not closed, closed twice, two of one id, a
// label that leads nowhere, a heading that skips a level.
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
			at.below = append(at.below, n)
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
			at.below = append(at.below, &node{text: string(token), parent: at})
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
				t.Errorf("%s: the label %q is for nobody", where, e.words())
			}
		}
	})
	n.each(func(e *node) {
		if len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6' {
			if now := int(e.name[1] - '0'); now > level+1 {
				t.Errorf("%s: heading %q skips a level", where, e.words())
			} else {
				level = now
			}
		}
		typed := e.name == "textarea" || e.name == "select" || e.name == "input" && e.attr["type"] != "hidden"
		if typed && !labelled[e.attr["id"]] && e.above("label") == nil {
			t.Errorf("%s: the field %s %s has no label", where, e.attr["name"], e.attr["data-testid"])
		}
		if e.attr["style"] != "" || e.attr["onclick"] != "" || e.name == "style" || e.name == "script" && e.attr["src"] == "" {
			t.Errorf("%s: <%s> has a style or script of its own", where, e.name)
		}
		if (e.name == "a" || e.name == "button") && strings.TrimSpace(e.words()) == "" && e.attr["aria-label"] == "" {
			t.Errorf("%s: a %s without words", where, e.name)
		}
	})
}

func (n *node) each(do func(*node)) {
	for _, b := range n.below {
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

func (n *node) above(name string) *node {
	for at := n.parent; at != nil; at = at.parent {
		if at.name == name {
			return at
		}
	}
	return nil
}

// words are the text below an element; of a field, what stands in it.
func (n *node) words() string {
	if n.name == "input" {
		return n.attr["value"]
	}
	var out strings.Builder
	var walk func(*node)
	walk = func(at *node) {
		out.WriteString(at.text)
		for _, b := range at.below {
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
			values.Add(name, e.words())
		case e.name == "select":
			values.Add(name, e.chosen())
		case e == button:
			values.Add(name, e.attr["value"])
		}
	})
	return values
}

// chosen is the value that a select stands at.
func (n *node) chosen() string {
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

// make sends the form for a flow and returns the payment's id.
func (b *browser) make(flow string, fields ...string) string {
	b.Helper()
	b.get("/cashier?flow="+flow).want(200).click("cashier-submit", fields...).want(200)
	link := b.one("cashier-payment").attr["href"]
	return strings.TrimPrefix(link, "/payments/")
}

func (b *browser) move(d time.Duration) { b.sim.Advance(b.T, d) }

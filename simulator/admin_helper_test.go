package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
)

// testAdmin is a company's side of the admin API, without a network; every answer is compared with control.yaml.
type testAdmin struct {
	*testSimulator
	t       *testing.T
	company *backoffice.Company
	admin   http.Handler
}

func (h *testSimulator) adminOf(t *testing.T, name string, change func(*backoffice.Company)) *testAdmin {
	t.Helper()
	admin, err := h.Admin()
	must(t, err)
	return &testAdmin{h, t, h.company(name, change), admin}
}

// made makes a payment of the example request.
func (d *testAdmin) made(schema string) string {
	d.t.Helper()
	return d.testSimulator.made(d.t, d.company, schema).ID
}

// at is a path below the company's.
func (d *testAdmin) at(path string) string { return "/v1/companies/" + d.company.Name + path }

// of names the company in a query.
func (d *testAdmin) of(path string) string {
	if strings.Contains(path, "?") {
		return path + "&company=" + d.company.Name
	}
	return path + "?company=" + d.company.Name
}

type adminAnswer struct {
	t      *testing.T
	status int
	header http.Header
	text   string
	doc    openapi.Document
}

func (d *testAdmin) call(method, path, body string) adminAnswer {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	d.admin.ServeHTTP(w, r)
	a := adminAnswer{t: d.t, status: w.Code, header: w.Header(), text: w.Body.String()}
	var err error
	if a.doc, err = openapi.Decode([]byte(a.text)); err != nil {
		d.t.Fatalf("%s %s: %v: %s", method, path, err, a.text)
	}
	clean, _, _ := strings.Cut(path, "?")
	if err := d.control.ValidateAs(d.schemaOf(method, clean, a.status), a.doc); err != nil {
		d.t.Errorf("%s %s answers %d: %v\n%s", method, path, a.status, err, a.text)
	}
	return a
}

// schemaOf is the name of the schema that the contract has for an answer.
func (d *testAdmin) schemaOf(method, path string, status int) string {
	d.t.Helper()
	type media struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			} `json:"schema"`
		} `json:"content"`
		Ref string `json:"$ref"`
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components struct {
			Responses map[string]media `json:"responses"`
		} `json:"components"`
	}
	if err := json.Unmarshal(d.control.Bundled(), &doc); err != nil {
		d.t.Fatal(err)
	}
	for template, item := range doc.Paths {
		raw := item[strings.ToLower(method)]
		if raw == nil || !samePath(template, path) {
			continue
		}
		var operation struct {
			Responses map[string]media `json:"responses"`
		}
		if err := json.Unmarshal(raw, &operation); err != nil {
			d.t.Fatal(err)
		}
		found, ok := operation.Responses[strconv.Itoa(status)]
		if !ok {
			found = operation.Responses["default"]
		}
		if found.Ref != "" {
			found = doc.Components.Responses[found.Ref[strings.LastIndex(found.Ref, "/")+1:]]
		}
		ref := found.Content["application/json"].Schema.Ref
		return ref[strings.LastIndex(ref, "/")+1:]
	}
	return "Error"
}

func samePath(template, path string) bool {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], "{") {
			return false
		}
	}
	return true
}

func (a adminAnswer) want(status int) adminAnswer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.text)
	}
	return a
}

// fails checks an error's status and words.
func (a adminAnswer) fails(status int, words ...string) {
	a.t.Helper()
	a.want(status)
	said := a.doc.Text("error.message")
	problems, _ := a.doc.Object("error")["problems"].([]any)
	for _, p := range problems {
		said += "\n" + p.(string)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			a.t.Errorf("the answer does not say %q but %s", w, said)
		}
	}
}

// is checks values by dotted path, list entries by number: pairs of path and text.
func (a adminAnswer) is(pairs ...string) adminAnswer {
	a.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := a.at(pairs[i]); got != pairs[i+1] {
			a.t.Errorf("%s is %q, want %q: %.2000s", pairs[i], got, pairs[i+1], a.text)
		}
	}
	return a
}

// at is the value at a dotted path as text; that of a list is its length.
func (a adminAnswer) at(path string) string {
	var value any = a.doc.Fields
	for _, name := range strings.Split(path, ".") {
		switch at := value.(type) {
		case map[string]any:
			value = at[name]
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil || n >= len(at) {
				return ""
			}
			value = at[n]
		}
	}
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return string(value)
	case bool:
		return strconv.FormatBool(value)
	case []any:
		return strconv.Itoa(len(value))
	}
	return ""
}

func decoded(t *testing.T, text string) openapi.Document {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

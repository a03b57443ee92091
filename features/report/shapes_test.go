package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mozartosim/features/evidence"
	"mozartosim/features/report"
)

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) number(t *testing.T, name string) int {
	t.Helper()
	n, err := strconv.Atoi(e.attr(name))
	if err != nil {
		t.Errorf("<%s %s=%q>: %v", e.XMLName.Local, name, e.attr(name), err)
	}
	return n
}

// The XML has the elements and attributes that JUnit's readers know, and its numbers add up.
func TestJUnitShape(t *testing.T) {
	t.Parallel()
	for _, run := range []*evidence.Run{sample(), certified()} {
		var suites element
		if err := xml.Unmarshal([]byte(write(t, "junit", run, report.Options{})), &suites); err != nil {
			t.Fatal(err)
		}
		checkElement(t, suites)
		c := run.Count()
		if suites.XMLName.Local != "testsuites" || suites.number(t, "tests") != c.Passed+c.Failed+c.NotRun ||
			suites.number(t, "failures") != c.Failed || suites.number(t, "skipped") != c.NotRun {
			t.Errorf("%s of %+v does not tell %+v", suites.XMLName.Local, suites.Attrs, c)
		}
		for _, suite := range suites.Children {
			checkSuite(t, suite)
		}
	}
}

func checkSuite(t *testing.T, suite element) {
	t.Helper()
	count, seen := map[string]int{}, map[string]bool{}
	for _, c := range suite.Children {
		if c.XMLName.Local != "testcase" {
			continue
		}
		count["tests"]++
		if id := c.attr("classname") + c.attr("name"); seen[id] {
			t.Errorf("two cases are called %s", id)
		} else {
			seen[id] = true
		}
		for _, inside := range c.Children {
			switch inside.XMLName.Local {
			case "failure":
				count["failures"]++
				if inside.attr("message") == "" || inside.Text == "" {
					t.Errorf("a failure without message or text: %+v", inside)
				}
			case "skipped":
				count["skipped"]++
				if inside.attr("message") == "" {
					t.Error("skipped without a reason")
				}
			}
		}
	}
	for _, name := range []string{"tests", "failures", "skipped"} {
		if suite.number(t, name) != count[name] {
			t.Errorf("%s says %s=%s, but has %d", suite.attr("name"), name, suite.attr(name), count[name])
		}
	}
}

// checkElement holds an element and what is in it against what the readers of JUnit XML know.
func checkElement(t *testing.T, e element) {
	t.Helper()
	known := map[string]struct{ attrs, children []string }{
		"testsuites":   {[]string{"name", "tests", "failures", "errors", "skipped", "time"}, []string{"testsuite"}},
		"testsuite":    {[]string{"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "file"}, []string{"properties", "testcase"}},
		"properties":   {nil, []string{"property"}},
		"property":     {[]string{"name", "value"}, nil},
		"testcase":     {[]string{"name", "classname", "time", "file", "line"}, []string{"skipped", "failure", "flakyFailure", "system-out"}},
		"failure":      {[]string{"message", "type"}, nil},
		"flakyFailure": {[]string{"message", "type"}, nil},
		"skipped":      {[]string{"message"}, nil},
		"system-out":   {},
	}
	rule, ok := known[e.XMLName.Local]
	if !ok {
		t.Errorf("<%s> is no element of JUnit XML", e.XMLName.Local)
	}
	for _, a := range e.Attrs {
		if !slices.Contains(rule.attrs, a.Name.Local) {
			t.Errorf("<%s> has no attribute %s", e.XMLName.Local, a.Name.Local)
		}
	}
	for _, c := range e.Children {
		if !slices.Contains(rule.children, c.XMLName.Local) {
			t.Errorf("<%s> has no <%s>", e.XMLName.Local, c.XMLName.Local)
		}
		checkElement(t, c)
	}
}

// object is a JSON object whose members are looked at one by one.
type object map[string]any

func (o object) text(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, ok := o[name].(string); !ok {
			t.Errorf("%s must be a string: %v", name, o)
		}
	}
}

func (o object) list(t *testing.T, name string) []object {
	t.Helper()
	items, ok := o[name].([]any)
	if !ok {
		t.Errorf("%s must be an array: %v", name, o)
	}
	var all []object
	for _, item := range items {
		all = append(all, item.(map[string]any))
	}
	return all
}

func (o object) line(t *testing.T) {
	t.Helper()
	if n, ok := o["line"].(float64); !ok || n < 1 {
		t.Errorf("line must be a number from 1: %v", o)
	}
}

// Cucumber JSON has the shape that its viewers read: features, elements, steps with a match and a result.
func TestCucumberShape(t *testing.T) {
	t.Parallel()
	var features []object
	if err := json.Unmarshal([]byte(write(t, "cucumber", sample(), report.Options{})), &features); err != nil {
		t.Fatal(err)
	}
	ids := map[any]bool{}
	for _, f := range features {
		f.text(t, "uri", "id", "keyword", "name", "description")
		f.line(t)
		f.list(t, "tags")
		for _, e := range f.list(t, "elements") {
			e.text(t, "id", "keyword", "name", "description", "type")
			e.line(t)
			if ids[e["id"]] {
				t.Errorf("two elements have the id %v", e["id"])
			}
			ids[e["id"]] = true
			if len(e.list(t, "steps")) == 0 && e["after"] == nil {
				t.Errorf("%v has no steps: a viewer takes it for passed", e["name"])
			}
			for _, s := range e.list(t, "steps") {
				checkCucumberStep(t, s)
			}
		}
	}
}

func checkCucumberStep(t *testing.T, s object) {
	t.Helper()
	s.text(t, "keyword", "name")
	s.line(t)
	object(s["match"].(map[string]any)).text(t, "location")
	result := object(s["result"].(map[string]any))
	if !slices.Contains([]any{"passed", "failed", "skipped", "undefined", "pending", "ambiguous"}, result["status"]) {
		t.Errorf("no status of Cucumber's: %v", result)
	}
	if d, ok := result["duration"]; ok && d.(float64) != float64(int64(d.(float64))) {
		t.Errorf("a duration must be whole nanoseconds: %v", d)
	}
	if result["status"] == "failed" {
		result.text(t, "error_message")
	}
	if s["embeddings"] == nil {
		return
	}
	for _, e := range s.list(t, "embeddings") {
		e.text(t, "mime_type", "data")
		if _, err := base64.StdEncoding.DecodeString(e["data"].(string)); err != nil {
			t.Error(err)
		}
	}
}

// The page's policy allows the one style and the one script that stand in it, and nothing else; what targets said can't get
// out of its place.
func TestPageIsClosed(t *testing.T) {
	t.Parallel()
	var drift strings.Builder
	if err := report.WriteDriftHTML(&drift, drifted()); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{write(t, "html", sample(), report.Options{}), drift.String()} {
		isClosed(t, page)
	}
}

func isClosed(t *testing.T, page string) {
	t.Helper()
	for tag, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
		parts := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		if len(parts) != 1 {
			t.Fatalf("%d <%s>", len(parts), tag)
		}
		sum := sha256.Sum256([]byte(parts[0][1]))
		if want := fmt.Sprintf("%s &#39;sha256-%s&#39;", directive, base64.StdEncoding.EncodeToString(sum[:])); !strings.Contains(strings.ReplaceAll(page, "&#43;", "+"), want) {
			t.Errorf("the policy does not allow the page's own %s: %s", tag, want)
		}
	}
	for _, open := range []string{"<script>alert", "<b>nowhere", " style=", " onclick", "src=", "href=\"http", "@import", "url("} {
		if strings.Contains(page, open) {
			t.Errorf("the page holds %s", open)
		}
	}
}

// A run of a thousand scenarios that passed, each with its calls, stays below 1 MB, and a failure has its whole answer.
func TestPageOfAWholeSuite(t *testing.T) {
	t.Parallel()
	run := sample()
	ok := run.Features[0].Scenarios[0]
	ok.Exchanges = run.Features[0].Scenarios[1].Exchanges
	whole := strings.Repeat("word ", 2000) + "END"
	run.Features[0].Scenarios[1].Exchanges[1].Answer.Body = whole
	run.Features[0].Scenarios = append(run.Features[0].Scenarios, slices.Repeat([]evidence.Scenario{ok}, 1000)...)
	page := write(t, "html", run, report.Options{})
	if len(page) > 1<<20 || !strings.Contains(page, whole) {
		t.Errorf("%d bytes; the whole answer is there: %t", len(page), strings.Contains(page, whole))
	}
	if at, all := strings.Index(page, `id="failure-0"`), strings.Index(page, `id="all"`); at < 0 || at > all || !strings.Contains(page[at:all], "Payone pay-in") || !strings.Contains(page[all:], `href="#failure-0"`) {
		t.Error("the failures don't come first, with their feature")
	}
}

// A workflow command is one line, and its properties can't be broken out of.
func TestGitHubCommands(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`^::(error|warning|notice) ((file|line|title)=[^:,\n]*)(,(file|line|title)=[^:,\n]*)*::[^\n]*$`)
	lines := strings.Split(strings.TrimRight(write(t, "github", sample(), report.Options{}), "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		if !command.MatchString(line) {
			t.Errorf("no command: %s", line)
		}
	}
	if last := lines[len(lines)-1]; strings.Contains(last, "::") {
		t.Errorf("the last line is a command: %s", last)
	}
}

// What a target answers can't steer a terminal.
func TestTerminalIsSafe(t *testing.T) {
	t.Parallel()
	run := sample()
	run.Features[0].Scenarios[1].Steps[1].Error = "\x1b[2J\x1b]0;owned\x07 \u202e"
	run.Features[0].Scenarios[1].Name = "\x1b[31mred"
	for _, name := range []string{"pretty", "progress"} {
		if text := write(t, name, run, report.Options{}); strings.ContainsAny(text, "\x1b\x07\u202e") {
			t.Errorf("%s lets control characters through", name)
		}
	}
	var out bytes.Buffer
	report.WriteDrift(&out, drifted())
	if !strings.Contains(out.String(), "renamed  PAYONE PAYIN answer, data.redirect_url") {
		t.Errorf("drift:\n%s", out.String())
	}
}

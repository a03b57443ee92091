package openapi

import (
	"strings"
	"testing"
)

func TestDecodeYAMLStream(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		names      string // of the documents that were read
		want       string // the error
	}{
		{"empty", "", "", ""},
		{"comments", "# one\n---\n# two\n", "", ""},
		{"one", "name: a\n", "a", ""},
		{"three", "---\nname: a\n---\nname: b\n...\n---\nname: c\n", "a b c", ""},
		{"empty ones", "---\n---\nname: a\n---\n", "a", ""},
		{"lists and texts", "name: a\n---\n- b\n---\nc\n---\nname: d\n", "a d", "f.yaml:3:1: must be a YAML mapping\nf.yaml:5:1: must be a YAML mapping"},
		{"twice", "name: a\n---\nname: b\nname: c\n---\nname: d\n", "a d", "f.yaml:4:1: name must not be written twice"},
		{"alias across", "name: &x a\n---\nname: *x\n", "a", "f.yaml:3:7: must not use aliases"},
		{"syntax", "name: a\n---\nname: [b\n", "a", "f.yaml:3:1: is not valid YAML: did not find expected ',' or ']'"},
		{"too many", strings.Repeat("---\nname: a\n", 6), "", "f.yaml:12:1: must not be more than document 5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			documents, err := DecodeYAMLStream("f.yaml", []byte(test.text), 5)
			var names []string
			for _, y := range documents {
				names = append(names, y.Text("name"))
			}
			if got := strings.Join(names, " "); got != test.names {
				t.Errorf("read %s, want %s", got, test.names)
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("says %q, want %q", got, test.want)
			}
		})
	}
	if _, err := DecodeYAML("f.yaml", []byte("name: a\n---\nname: b\n")); err == nil || err.Error() != "f.yaml:3:1: must not begin a second document" {
		t.Error(err)
	}
}

const layouts = `name: x
plain: abc def
single: 'abc def'
double: "abc def"
escaped: "abc \"def"
block: |
  first
    second
folded: >
  first
  second
same: abc
list:
  - {é: abc def}
next:
  'abc def'
---
name: y
plain: abc def
`

// An error inside of a string stands where the file shows it.
func TestYAMLIn(t *testing.T) {
	t.Parallel()
	documents, err := DecodeYAMLStream("f.yaml", []byte(layouts), 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		document     int
		path         string
		line, column int
		want         string
	}{
		{0, "plain", 1, 5, "f.yaml:2:12: r"},
		{0, "single", 1, 5, "f.yaml:3:14: r"},
		{0, "double", 1, 5, "f.yaml:4:14: r"},
		{0, "escaped", 1, 5, "f.yaml:5:10: r"},
		{0, "block", 1, 2, "f.yaml:7:4: r"},
		{0, "block", 2, 5, "f.yaml:8:7: r"},
		{0, "folded", 1, 2, "f.yaml:9:9: r"},
		{0, "list.0.é", 1, 5, "f.yaml:14:13: r"},
		{0, "next", 1, 5, "f.yaml:16:8: r"},
		{0, "plain", 9, 1, "f.yaml:2:8: r"},
		{0, "plain", 0, 0, "f.yaml:2:1: r"},
		{0, "nowhere", 1, 1, "f.yaml:1:1: r"},
		{1, "plain", 1, 5, "f.yaml:19:12: r"},
	} {
		if got := documents[test.document].At(Problem{test.path, "r", test.line, test.column}).Error(); got != strings.TrimSuffix(test.want, "r")+test.path+" r" {
			t.Errorf("%s %d:%d is at %s, want %s", test.path, test.line, test.column, got, test.want)
		}
	}
}

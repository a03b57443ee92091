package openapi_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
)

func TestDecodeYAMLTakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       map[string]any
	}{
		{"a mapping", "a: x\nb: {c: [1, 2.50, true, ~]}\n", map[string]any{
			"a": "x", "b": map[string]any{"c": []any{json.Number("1"), json.Number("2.50"), true, nil}},
		}},
		{"a document marker and comments", "# before\n---\na: 1 # behind\n...\n", map[string]any{"a": json.Number("1")}},
		{"booleans, however written", "a: true\nb: True\nc: TRUE\nd: False\ne: FALSE", map[string]any{
			"a": true, "b": true, "c": true, "d": false, "e": false,
		}},
		{"words that older YAML takes for booleans", "a: yes\nb: on\nc: n\nd: 'true'", map[string]any{
			"a": "yes", "b": "on", "c": "n", "d": "true",
		}},
		{"nothing", "a:\nb: ~\nc: null\nd: ''", map[string]any{"a": nil, "b": nil, "c": nil, "d": ""}},
		{"digits are kept", "a: 100.00\nb: -0\nc: 1e3\nd: 1E+2\ne: 123456789012345678901234567890", map[string]any{
			"a": json.Number("100.00"), "b": json.Number("-0"), "c": json.Number("1e3"), "d": json.Number("1E+2"),
			"e": json.Number("123456789012345678901234567890"),
		}},
		{"dates and versions are text", "a: 2026-06-01\nb: 2026-06-01T12:00:00Z\nc: 1.2.3\nd: 10s", map[string]any{
			"a": "2026-06-01", "b": "2026-06-01T12:00:00Z", "c": "1.2.3", "d": "10s",
		}},
		{"keys of any plain kind", "1: a\ntrue: b\n~: c\n1.50: d\n2026-06-01: e\n'': f", map[string]any{
			"1": "a", "true": "b", "~": "c", "1.50": "d", "2026-06-01": "e", "": "f",
		}},
		{"text of many lines", "a: |\n  one\n  two\nb: >\n  one\n  two\n", map[string]any{"a": "one\ntwo\n", "b": "one two\n"}},
		{"letters", "a: \"\\u00e9\\U0001F600\\\"\\\\\"\nb: é😀", map[string]any{"a": "é😀\"\\", "b": "é😀"}},
		{"JSON", `{"a": {"b": ["x", 1, null]}}`, map[string]any{"a": map[string]any{"b": []any{"x", json.Number("1"), nil}}}},
		{"an anchor that nobody uses", "a: &x 1", map[string]any{"a": json.Number("1")}},
		{"an empty mapping", "{}", map[string]any{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			y, err := openapi.DecodeYAML("f.yaml", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, y.Fields); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(y.Fields, decode(t, string(y.Raw)).Fields); diff != "" {
				t.Errorf("Raw says otherwise: %s", diff)
			}
		})
	}
}

func TestDecodeYAMLRefuses(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
	tests := []struct{ name, text, want string }{
		{"nothing", "", "f.yaml:1:1: must be a YAML mapping"},
		{"comments", "# nothing\n", "f.yaml:1:1: must be a YAML mapping"},
		{"a marker", "---\n", "f.yaml:2:1: must be a YAML mapping"},
		{"a list", "\n- a", "f.yaml:2:1: must be a YAML mapping"},
		{"a word", "a", "f.yaml:1:1: must be a YAML mapping"},
		{"a second document", "a: 1\n---\nb: 2", "f.yaml:3:1: must not begin a second document"},
		{"an open list", "a: [", "f.yaml:1:1: is not valid YAML: did not find expected node content"},
		{"a tab", "a:\n\tb: 1", "f.yaml:2:1: is not valid YAML: found character that cannot start any token"},
		{"bad indentation", "a: 1\n  b: 2\n", "f.yaml:2:1: is not valid YAML: mapping values are not allowed in this context"},
		{"not UTF-8", "a: \xff", "f.yaml:1:1: is not valid YAML: invalid leading UTF-8 octet"},
		{"a key twice", "a: 1\nb:\n  c: 1\n  'c': 2", "f.yaml:4:3: c must not be written twice"},
		{"a number and a text as the same key", "1: a\n'1': b", "f.yaml:2:1: 1 must not be written twice"},
		{"a list as key", "? [a]\n: 1", "f.yaml:1:3: must have plain keys"},
		{"an alias", "a: &x 1\nb: *x", "f.yaml:2:4: must not use aliases"},
		{"an alias as key", "a: &x k\n*x : 1", "f.yaml:2:1: must have plain keys"},
		{"a merge", "a: &x {b: 1}\nc:\n  <<: *x", "f.yaml:3:7: must not use aliases"},
		{"many aliases", bomb, "f.yaml:2:8: must not use aliases"},
		{"an alias to itself", "a: &a [*a]", "f.yaml:1:8: must not use aliases"},
		{"an unknown alias", "a: *x", "f.yaml:1:1: is not valid YAML: unknown anchor 'x' referenced"},
		{"hexadecimal", "a: 0x10", "f.yaml:1:4: 0x10 must be a decimal number"},
		{"octal", "a: 012", "f.yaml:1:4: 012 must be a decimal number"},
		{"underscores", "a: 1_000", "f.yaml:1:4: 1_000 must be a decimal number"},
		{"infinity", "a: .inf", "f.yaml:1:4: .inf must be a decimal number"},
		{"not a number", "a: .nan", "f.yaml:1:4: .nan must be a decimal number"},
		{"a plus", "a: +1", "f.yaml:1:4: +1 must be a decimal number"},
		{"no digit before the point", "a: .5", "f.yaml:1:4: .5 must be a decimal number"},
		{"what is only called a number", "a: !!int '{}'", "f.yaml:1:4: {} must be a decimal number"},
		{"two values called one number", "a: !!int '1, \"b\": 2'", `f.yaml:1:4: 1, "b": 2 must be a decimal number`},
		{"what is only called a boolean", "a: !!bool yes", "f.yaml:1:4: yes must be true or false"},
		{"nests too deep", nest(34, `{"a": `, `}`), "f.yaml:1:194: must not nest deeper than 32 levels"},
		{"nests far too deep", "a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "f.yaml:1:36: must not nest deeper than 32 levels"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := openapi.DecodeYAML("f.yaml", []byte(test.text))
			var at *openapi.LineError
			if !errors.As(err, &at) {
				t.Fatalf("got %v, want a *LineError", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestYAMLAt(t *testing.T) {
	t.Parallel()
	y, err := openapi.DecodeYAML("f.yaml", []byte("companies:\n  - name: a\n    psps:\n      PAYONE: {apiKey: k}\n  -   name: b\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"companies":                      "f.yaml:1:1: x",
		"companies.0.name":               "f.yaml:2:5: x",
		"companies.0.psps.PAYONE":        "f.yaml:4:7: x",
		"companies.0.psps.PAYONE.apiKey": "f.yaml:4:16: x",
		"companies.1.name":               "f.yaml:5:7: x",
		"companies.1":                    "f.yaml:5:7: x",
		// What isn't there is shown where it should be.
		"companies.1.psps.PAYONE": "f.yaml:5:7: x",
		"companies.2":             "f.yaml:1:1: x",
		"companies.-1":            "f.yaml:1:1: x",
		"companies.name":          "f.yaml:1:1: x",
		"none":                    "f.yaml:1:1: x",
		"":                        "f.yaml:1:1: x",
	} {
		if got := y.At(openapi.Problem{Path: path, Reason: "x"}).Error(); got != strings.TrimSuffix(want, "x")+strings.TrimSpace(path+" x") {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// FuzzDecodeYAML: no text makes DecodeYAML panic; errors say where; what it takes is a JSON object like any other.
func FuzzDecodeYAML(f *testing.F) {
	for _, seed := range []string{
		"a: 1", "a: True", "a: &x [*x]", "? [a]\n: 1", "a: !!int '{}'", "a: 1\n---\nb: 2", "<<: {a: 1}", "a: |\n  x\n", "{\"a\": [1e3, .inf]}",
		"a: \xff", "%YAML 1.1\n---\na: 012", "a: !!binary aGk=", "true: ~", "a: 0o14\n'a': 1", "\ufeffa: 1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		y, err := openapi.DecodeYAML("f.yaml", text)
		if err != nil {
			var at *openapi.LineError
			if !errors.As(err, &at) || at.Reason == "" || at.Line < 1 || at.Column < 1 {
				t.Fatalf("%q: %v is no *LineError with a place and a reason", text, err)
			}
			return
		}
		again, err := openapi.Decode(y.Raw)
		if err != nil {
			t.Fatalf("%q became %s: %v", text, y.Raw, err)
		}
		if !reflect.DeepEqual(y.Fields, again.Fields) {
			t.Fatalf("%q: %s", text, cmp.Diff(y.Fields, again.Fields))
		}
	})
}

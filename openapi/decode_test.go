package openapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
)

// nest makes an object that holds n objects, or n arrays, one inside the other, itself counted.
func nest(n int, open, close string) string {
	return strings.Repeat(open, n-1) + `{}` + strings.Repeat(close, n-1)
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	const tooDeep = "body must not nest deeper than 32 levels"
	tests := []struct{ name, body, want string }{
		{"no body", "", "body must not be empty"},
		{"whitespace", " \r\n\t", "body must not be empty"},
		{"not JSON", "hello", "body must be valid JSON: invalid character 'h' at start of value (line 1, column 1)"},
		{"a form", "pspType=PAYONE", "body must be valid JSON: invalid character 'p' at start of value (line 1, column 1)"},
		{"byte order mark", "\ufeff{}", "body must not begin with a byte order mark"},
		{"comment", "/* a */{}", "body must be valid JSON: invalid character '/' at start of value (line 1, column 1)"},

		{"array", `[1]`, "body must be a JSON object, not an array"},
		{"null", `null`, "body must be a JSON object, not null"},
		{"boolean", `true`, "body must be a JSON object, not a boolean"},
		{"number", `1`, "body must be a JSON object, not a number"},
		{"string", `"x"`, "body must be a JSON object, not a string"},

		{"truncated after the brace", `{`, "body must be valid JSON: it ends too early"},
		{"truncated name", `{"a`, "body must be valid JSON: it ends too early"},
		{"truncated after the name", `{"a"`, "body must be valid JSON: it ends too early"},
		{"truncated after the colon", `{"a":`, "body must be valid JSON: it ends too early"},
		{"truncated string", `{"a":"b`, "body must be valid JSON: it ends too early"},
		{"truncated array", `{"a":[1`, "body must be valid JSON: it ends too early"},
		{"truncated object", `{"a":1`, "body must be valid JSON: it ends too early"},
		{"truncated literal", `nul`, "body must be valid JSON: it ends too early"},

		{"trailing text", `{"a":1} x`, "body must be one JSON object with nothing after it (line 1, column 9)"},
		{"trailing brace", `{"a":1}}`, "body must be one JSON object with nothing after it (line 1, column 8)"},
		{"trailing object", "{\"a\":1}\n{}", "body must be one JSON object with nothing after it (line 2, column 1)"},
		{"trailing zero byte", "{}\x00", "body must be one JSON object with nothing after it (line 1, column 3)"},

		{"trailing comma", `{"a":1,}`, "body must be valid JSON: invalid character ',' at start of value (line 1, column 7)"},
		{"no comma", `{"a":1 "b":2}`, "body must be valid JSON: invalid character '\"' after object value (expecting ',' or '}') (line 1, column 8)"},
		{"no colon", `{"a" 1}`, "body must be valid JSON: invalid character '1' after object name (expecting ':') (line 1, column 6)"},
		{"bare name", `{a:1}`, "body must be valid JSON: invalid character 'a' at start of value (line 1, column 2)"},
		{"number as name", `{1:1}`, `body must be valid JSON: object member name must be a string (line 1, column 2)`},
		{"single quotes", `{'a':1}`, `body must be valid JSON: invalid character '\'' at start of value (line 1, column 2)`},
		{"wrong bracket", `{"a":[1}`, "body must be valid JSON: invalid character '}' after array element (expecting ',' or ']') (line 1, column 8)"},
		{"second line", "{\n  \"a\": tru,\n}", "body must be valid JSON: invalid character ',' in literal true (expecting 'e') (line 2, column 11)"},

		{"name twice", `{"a":1,"a":2}`, `body must not name the field a twice (line 1, column 8)`},
		{"name twice, nested", "{\n \"b\": {\"c\": 1,\n  \"c\": 2}}", `body must not name the field b.c twice (line 3, column 3)`},
		{"name twice, in an array", `{"a":[{"b":1,"b":2}]}`, `body must not name the field a.0.b twice (line 1, column 14)`},
		{"name twice, once escaped", `{"a":1,"\u0061":2}`, `body must not name the field a twice (line 1, column 8)`},
		{"name twice, odd letters", `{"a/b~c":1,"a/b~c":1}`, `body must not name the field a/b~c twice (line 1, column 12)`},
		{"empty name twice", `{"":1,"":1}`, `body must not name the field "" twice (line 1, column 7)`},

		{"33 objects", nest(33, `{"a":`, `}`), tooDeep},
		{"33 with arrays", `{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, tooDeep},
		{"100,000 objects", nest(100_000, `{"a":`, `}`), tooDeep},
		{"100,000 arrays, never closed", `{"a":` + strings.Repeat("[", 100_000), tooDeep},

		{"invalid UTF-8 in a value", "{\"a\":\"\xff\"}", "body must be valid JSON: invalid UTF-8 (line 1, column 7)"},
		{"invalid UTF-8 in a name", "{\"\xff\":1}", "body must be valid JSON: invalid UTF-8 (line 1, column 3)"},
		{"lone surrogate", `{"a":"\ud800"}`, "body must be valid JSON: invalid surrogate pair `\\ud800\"}` in string (line 1, column 7)"},
		{"control character", "{\"a\":\"\x01\"}", `body must be valid JSON: invalid character '\x01' in string (expecting non-control character) (line 1, column 7)`},
		{"unknown escape", `{"a":"\x"}`, "body must be valid JSON: invalid escape sequence `\\x` in string (line 1, column 7)"},

		{"NaN", `{"a":NaN}`, "body must be valid JSON: invalid character 'N' at start of value (line 1, column 6)"},
		{"infinity", `{"a":-Infinity}`, "body must be valid JSON: invalid character 'I' in number (expecting digit) (line 1, column 7)"},
		{"leading zero", `{"a":01}`, "body must be valid JSON: invalid character '1' after object value (expecting ',' or '}') (line 1, column 7)"},
		{"leading plus", `{"a":+1}`, "body must be valid JSON: invalid character '+' at start of value (line 1, column 6)"},
		{"no digit after the point", `{"a":1.}`, "body must be valid JSON: invalid character '}' in number (expecting digit) (line 1, column 8)"},
		{"no digit before the point", `{"a":.5}`, "body must be valid JSON: invalid character '.' at start of value (line 1, column 6)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := openapi.Decode([]byte(test.body))
			var syntax *openapi.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v, want a *SyntaxError", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeTakes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 5000)
	tests := []struct {
		name, body string
		want       map[string]any
	}{
		{"an empty object", " {} \n", map[string]any{}},
		{"every kind", `{"s":"é\ud83d\ude00","n":-1.50,"t":true,"f":false,"z":null,"a":[1,"x",[]],"o":{"k":{}}}`, map[string]any{
			"s": "é😀", "n": json.Number("-1.50"), "t": true, "f": false, "z": nil,
			"a": []any{json.Number("1"), "x", []any{}}, "o": map[string]any{"k": map[string]any{}},
		}},
		// Digits are kept as they were written: the rule gigadat-two-decimals judges them.
		{"digits", `{"n":100.00,"e":1E+2,"z":-0}`, map[string]any{
			"n": json.Number("100.00"), "e": json.Number("1E+2"), "z": json.Number("-0"),
		}},
		{"no number is too large to read", `{"n":1e400,"d":` + long + `}`, map[string]any{
			"n": json.Number("1e400"), "d": json.Number(long),
		}},
		{"the same name on two levels", `{"a":{"a":1}}`, map[string]any{"a": map[string]any{"a": json.Number("1")}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc, err := openapi.Decode([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, doc.Fields); diff != "" {
				t.Error(diff)
			}
			if !bytes.Equal(doc.Raw, []byte(test.body)) {
				t.Errorf("Raw is %q", doc.Raw)
			}
		})
	}
}

func TestDecodeTakesTheDeepestAllowed(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		nest(openapi.MaxDepth, `{"a":`, `}`),
		`{"a":` + strings.Repeat("[", openapi.MaxDepth-1) + strings.Repeat("]", openapi.MaxDepth-1) + `}`,
	} {
		if _, err := openapi.Decode([]byte(body)); err != nil {
			t.Error(err)
		}
	}
}

func TestDocumentReadsFieldsByPath(t *testing.T) {
	t.Parallel()
	doc, err := openapi.Decode([]byte(`{"s":"x","n":1.50,"b":true,"z":null,"o":{"p":{"q":"deep"}},"a":[1],"dotted.name":"unreachable"}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path, text string
		has        bool
	}{
		{"s", "x", true},
		{"n", "1.50", true},
		{"b", "", true}, // only strings and numbers have a text
		{"z", "", false},
		{"o", "", true},
		{"o.p.q", "deep", true},
		{"o.p.none", "", false},
		{"s.below", "", false},
		{"a.0", "", false},
		{"none", "", false},
		{"", "", false},
		{"dotted.name", "", false},
	}
	for _, test := range tests {
		if text, has := doc.Text(test.path), doc.Has(test.path); text != test.text || has != test.has {
			t.Errorf("%q: text %q, has %t; want %q, %t", test.path, text, has, test.text, test.has)
		}
	}
	if doc.Object("o.p") == nil || doc.Object("s") != nil || doc.Object("a") != nil || (openapi.Document{}).Has("s") {
		t.Error("Object must find objects alone, and an empty document must have nothing")
	}
}

// FuzzDecode: whatever comes in, Decode doesn't panic, its errors are typed, and what it takes reads as encoding/json
// reads it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, `{"a":1,"a":2}`, `{"a":{"b":[1,2.50,-0,1e9,"x",null,true]}}`, `[]`, "\ufeff{}", `{"a":"\ud800"}`,
		`{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00}`, nest(33, `{"a":`, `}`), `{"a":1}{"b":2}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := openapi.Decode(raw)
		if err != nil {
			var syntax *openapi.SyntaxError
			if !errors.As(err, &syntax) || syntax.Reason == "" {
				t.Fatalf("%q: %v is no *SyntaxError with a reason", raw, err)
			}
			return
		}
		standard := json.NewDecoder(bytes.NewReader(raw))
		standard.UseNumber()
		var want map[string]any
		if err := standard.Decode(&want); err != nil {
			t.Fatalf("%q: Decode takes what encoding/json refuses: %v", raw, err)
		}
		if !reflect.DeepEqual(want, doc.Fields) { // cmp costs a hundred times as much, at every input
			t.Fatalf("%q: %s", raw, cmp.Diff(want, doc.Fields))
		}
	})
}

// A place in a document is a dotted path, to read, to write and to take away.
func TestPaths(t *testing.T) {
	t.Parallel()
	doc := map[string]any{"a": map[string]any{"b": []any{"x", map[string]any{"c": "d"}}}}
	if v, ok := openapi.Lookup(doc, "a.b.1.c"); !ok || v != "d" {
		t.Errorf("got %v", v)
	}
	for _, path := range []string{"a.b.2", "a.b.x", "a.c", "a.b.0.c"} {
		if v, ok := openapi.Lookup(doc, path); ok {
			t.Errorf("%s is %v", path, v)
		}
	}
	if err := openapi.Set(doc, "n.m", "o"); err != nil || !openapi.Remove(doc, "n.m") || openapi.Remove(doc, "n.m") || openapi.Remove(doc, "q.r") {
		t.Errorf("set and remove: %v", err)
	}
	if err := openapi.Set(doc, "a.b.c", "x"); err == nil {
		t.Error("an array was taken for an object")
	}
}

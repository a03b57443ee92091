package openapi

import (
	"errors"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

// Every keyword has words of its own; a new one must get some before it is used.
func TestExplain(t *testing.T) {
	t.Parallel()
	tests := []struct{ schema, value, want string }{
		{`{"type":"string"}`, `1`, "f must be a string"},
		{`{"type":"number"}`, `"1"`, "f must be a number"},
		{`{"type":"integer"}`, `1.5`, "f must be an integer"},
		{`{"type":"integer"}`, `"1"`, "f must be an integer"},
		{`{"type":"boolean"}`, `"true"`, "f must be a boolean"},
		{`{"type":"object"}`, `[]`, "f must be an object"},
		{`{"type":"array"}`, `{}`, "f must be an array"},
		{`{"type":"null"}`, `"x"`, "f must be null"},
		{`{"type":["string","number"]}`, `true`, "f must be a string or a number"},
		{`{"type":["string","object","null"]}`, `true`, "f must be a string or an object or null"},
		{`{"type":"number"}`, `1e400`, "f must be a number of ordinary size"},
		{`{"type":["string","number"]}`, `-1e400`, "f must be a number of ordinary size"},

		{`{"type":"string","enum":["a","b c"]}`, `"d"`, "f must be one of: a, b c"},
		{`{"type":"string","enum":["a"]}`, `1`, "f must be one of: a"},
		{`{"type":"boolean","enum":[true]}`, `false`, "f must be one of: true"},
		{`{"type":"number","enum":[1,2.5]}`, `3`, "f must be one of: 1, 2.5"},

		{`{"type":"string","minLength":1}`, `""`, "f must not be empty"},
		{`{"type":"string","minLength":2}`, `"a"`, "f must be at least 2 characters"},
		{`{"type":"string","minLength":2}`, `""`, "f must not be empty"},
		{`{"type":"string","maxLength":1}`, `"ab"`, "f must be at most 1 character"},
		{`{"type":"string","maxLength":3}`, `"abcd"`, "f must be at most 3 characters"},
		{`{"type":"string","pattern":"^x$"}`, `"y"`, "f must match ^x$"},
		{`{"type":"string","pattern":"^x$","x-must":"be an x"}`, `"y"`, "f must be an x"},

		{`{"type":"number","exclusiveMinimum":0}`, `0`, "f must be greater than 0"},
		{`{"type":"number","minimum":0.5}`, `0.4`, "f must be at least 0.5"},
		{`{"type":"number","maximum":1000000}`, `1000001`, "f must be at most 1000000"},

		{`{"type":"array","minItems":1}`, `[]`, "f must have at least 1 entry"},
		{`{"type":"array","minItems":2}`, `[1]`, "f must have at least 2 entries"},
		{`{"type":"array","maxItems":1}`, `[1,2]`, "f must have at most 1 entry"},
		{`{"type":"array","items":{"type":"string"}}`, `["a",1]`, "f.1 must be a string"},
		{`{"type":"array","items":{"type":"array","items":{"type":"string"}}}`, `[[],["a",1]]`, "f.1.1 must be a string"},
		{`{"type":"object","minProperties":1}`, `{}`, "f must have at least 1 member"},
		{`{"type":"object","maxProperties":1}`, `{"a":1,"b":2}`, "f must have at most 1 member"},
		{`{"type":"object","required":["a"]}`, `{}`, "f.a must not be missing"},
		{`{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}}}`, `{"a":{"b":1}}`, "f.a.b must be a string"},
		{`{"type":"object","additionalProperties":{"type":"string"}}`, `{"x":1}`, "f.x must be a string"},

		// Not in use; whoever uses one gets a hint at least.
		{`{"type":"number","multipleOf":2}`, `3`, "f must match the contract's multipleOf"},
		{`{"type":"array","uniqueItems":true}`, `[1,1]`, "f must match the contract's uniqueItems"},
	}
	for _, test := range tests {
		t.Run(test.schema+" "+test.value, func(t *testing.T) {
			t.Parallel()
			var schema openapi3.Schema
			if err := schema.UnmarshalJSON([]byte(test.schema)); err != nil {
				t.Fatal(err)
			}
			doc, err := Decode([]byte(`{"f":` + test.value + `}`))
			if err != nil {
				t.Fatal(err)
			}
			err = schema.VisitJSON(doc.Fields["f"])
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			if diff := cmp.Diff(test.want, explain("f", err).String()); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := explain("f", errors.New("odd")).String(); got != "f must match the contract" {
		t.Errorf("got %s", got)
	}
}

// What stands at a path has that before its own, as it is written.
func TestBelow(t *testing.T) {
	t.Parallel()
	problems := Problems{{Path: "a", Reason: "must be b"}, {Path: "a.", Reason: "must not be set"}, {Reason: "must be an object"}}
	want := []string{"of.it.a must be b", "of.it.a. must not be set", "of.it must be an object"}
	if diff := cmp.Diff(want, problems.Below("of.it").Texts()); diff != "" {
		t.Error(diff)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "ABC", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"nmae", "name", 1}} {
		if there, back := distance(test.a, test.b), distance(test.b, test.a); there != test.want || back != test.want {
			t.Errorf("%q and %q: %d and %d, want %d", test.a, test.b, there, back, test.want)
		}
	}
}

// The closest name comes first.
func TestKnown(t *testing.T) {
	t.Parallel()
	names := map[string]bool{"name": true, "id": true, "email": true, "namespace": true}
	for wrong, want := range map[string]string{"nmae": "name", "e-mail": "email", "ID": "id", "nameSpaces": "namespace"} {
		if got := known(wrong, names); len(got) < len("known are ")+len(want) || got[len("known are "):][:len(want)] != want {
			t.Errorf("%s: %s", wrong, got)
		}
	}
}

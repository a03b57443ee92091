package provider_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/money"
	"mozartosim/simulator/provider"
)

func TestFieldsAppend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		fields        provider.Fields
		clear, masked string // masked is empty where it is the same
	}{
		{"none", provider.Fields{}, `{}`, ""},
		{"nil", nil, `{}`, ""},
		{"in their order, not sorted", provider.Fields{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}}, `{"b":"1","a":"2"}`, ""},
		{"every kind", provider.Fields{
			{Name: "s", Value: "x"}, {Name: "t", Value: true}, {Name: "f", Value: false}, {Name: "n", Value: nil},
			{Name: "l", Value: []string{"a", "b"}}, {Name: "e", Value: []string{}}, {Name: "o", Value: provider.Fields{{Name: "i", Value: ""}}},
		}, `{"s":"x","t":true,"f":false,"n":null,"l":["a","b"],"e":[],"o":{"i":""}}`, ""},
		{"amounts are numbers without trailing zeros", provider.Fields{
			{Name: "a", Value: money.MustParse("100.00")}, {Name: "b", Value: money.MustParse("0.10")}, {Name: "c", Value: money.Amount{}},
		}, `{"a":100,"b":0.1,"c":0}`, ""},
		{"escapes", provider.Fields{{Name: "q\"\\", Value: "line\nfeed\ttab \"quoted\" \\ \x00 \x7f"}},
			`{"q\"\\":"line\nfeed\ttab \"quoted\" \\ \u0000 ` + "\x7f" + `"}`, ""},
		{"letters stay as they are", provider.Fields{{Name: "é", Value: "<a href='x'>&amp;</a> 😀 \u2028"}},
			`{"é":"<a href='x'>&amp;</a> 😀 ` + "\u2028" + `"}`, ""},
		{"bytes that are no letters", provider.Fields{{Name: "\xff", Value: "a\xffb"}}, "{\"\ufffd\":\"a\ufffdb\"}", ""},
		{"secrets", provider.Fields{
			{Name: "a", Value: provider.Secret{Clear: "clear\"1", Masked: "***\"1"}},
			{Name: "o", Value: provider.Fields{{Name: "b", Value: provider.Secret{Clear: "clear2", Masked: "***2"}}}},
		}, `{"a":"clear\"1","o":{"b":"clear2"}}`, `{"a":"***\"1","o":{"b":"***2"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.masked == "" {
				test.masked = test.clear
			}
			for masked, want := range map[bool]string{false: test.clear, true: test.masked} {
				got := test.fields.Append([]byte("before "), masked)
				if diff := cmp.Diff("before "+want, string(got)); diff != "" {
					t.Errorf("masked %t: %s", masked, diff)
				}
				if !json.Valid(got[len("before "):]) {
					t.Errorf("not JSON: %s", got)
				}
			}
			if (test.clear != test.masked) != test.fields.Secret() {
				t.Errorf("Secret is %t", test.fields.Secret())
			}
		})
	}
}

func TestFieldsHas(t *testing.T) {
	t.Parallel()
	fields := provider.Fields{{Name: "a", Value: nil}, {Name: "o", Value: provider.Fields{{Name: "b", Value: "x"}}}}
	for name, want := range map[string]bool{"a": true, "o": true, "b": false, "A": false, "": false} {
		if fields.Has(name) != want {
			t.Errorf("%q: %t", name, !want)
		}
	}
}

// What JSON has no form for is a mistake in a provider's file: it shows at once.
func TestFieldsAppendPanics(t *testing.T) {
	t.Parallel()
	for _, value := range []any{1, 1.5, struct{}{}, []any{}, map[string]any{}, &provider.Secret{}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a %T was written", value)
				}
			}()
			provider.Fields{{Name: "x", Value: value}}.Append(nil, false)
		}()
	}
}

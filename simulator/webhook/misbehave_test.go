package webhook_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/random"
	"mozartosim/simulator/webhook"
)

var update = flag.Bool("update", false, "write the goldens")

const another = "ffffffffffffffffffffffff"

// Each golden is the body that a merchant gets.
func TestMutate(t *testing.T) {
	t.Parallel()
	for _, kind := range webhook.BodyKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			got, err := webhook.MutateBody(kind, []byte(notice), random.New(1, "mutate"), another)
			if err != nil {
				t.Fatal(err)
			}
			again, _ := webhook.MutateBody(kind, []byte(notice), random.New(1, "mutate"), another)
			if !bytes.Equal(got, again) {
				t.Error("the same stream gives another body")
			}
			if kind == "huge" {
				padding := strings.Repeat("x", 2<<20)
				if !bytes.Contains(got, []byte(`,"padding":"`+padding+`"}`)) {
					t.Errorf("%d bytes without the padding", len(got))
				}
				got = bytes.Replace(got, []byte(padding), []byte("(2 MiB of x)"), 1)
			}
			golden := filepath.Join("testdata", kind+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A scenario can name exactly these misbehaviours.
func TestKindsAreTheContracts(t *testing.T) {
	t.Parallel()
	control, err := openapi.Control()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string][]string{"webhooks.body": webhook.BodyKinds(), "webhooks.auth": webhook.AuthKinds()}
	for _, f := range control.FieldsOf("Scenario") {
		if want := kinds[f.Path]; want != nil {
			delete(kinds, f.Path)
			if diff := cmp.Diff(want, f.Enum); diff != "" {
				t.Errorf("%s (- code, + contract):\n%s", f.Path, diff)
			}
		}
	}
	if len(kinds) > 0 {
		t.Errorf("the contract lacks %v", kinds)
	}
}

func TestMutateTable(t *testing.T) {
	t.Parallel()
	tests := []struct{ kind, body, other, want, err string }{
		{"number-amount", `{"amount":"0.10", "b":[1, 2]}`, "", `{"amount":0.10,"b":[1, 2]}`, ""},
		{"number-amount", `{"amount":5}`, "", `{"amount":5}`, ""},
		{"number-amount", `{"amount":"ten"}`, "", "", `webhook body number-amount: its amount "ten" is no number`},
		{"number-amount", `{"amount":"true"}`, "", "", `webhook body number-amount: its amount "true" is no number`},
		{"number-amount", `{"amount":null}`, "", "", `webhook body number-amount: its amount null is no number`},
		{"number-amount", `{}`, "", "", "webhook body number-amount: it has no amount"},
		{"missing-fields", `{"a":1,"amount":"1","b":2}`, "", `{"a":1,"b":2}`, ""},
		{"missing-fields", `{"a":1}`, "", "", "webhook body missing-fields: it has no transaction_status or amount"},
		{"another-payments-id", `{"a":1,"transaction_id":"x","b":2}`, "y\"", `{"a":1,"transaction_id":"y\"","b":2}`, ""},
		{"another-payments-id", `{"transaction_id":"x"}`, "", `{"transaction_id":"` + random.New(1).Hex(24) + `"}`, ""},
		{"another-payments-id", `{}`, "y", "", "webhook body another-payments-id: it has no transaction_id"},
		{"malformed", `{}`, "", `{`, ""},
		{"malformed", "{} \n", "", `{`, ""},
		{"malformed", `[1]`, "", "", "webhook body malformed: it must be a JSON object"},
		{"extra-fields", `{} {}`, "", "", "webhook body extra-fields: it must be one JSON object"},
		{"empty", `whatever`, "", ``, ""},
		{"upside-down", `{}`, "", "", `webhook body "upside-down" must be one of: malformed, empty, extra-fields, missing-fields, huge, number-amount, another-payments-id`},
	}
	for _, test := range tests {
		got, err := webhook.MutateBody(test.kind, []byte(test.body), random.New(1), test.other)
		if string(got) != test.want || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%s of %s: %s, %v; want %s, %s", test.kind, test.body, got, err, test.want, test.err)
		}
	}
}

// Whatever comes in: no panic; what comes out is JSON or, when malformed, is not; and fields keep their order.
func FuzzMutate(f *testing.F) {
	for _, kind := range webhook.BodyKinds() {
		f.Add(kind, []byte(notice), uint64(1))
	}
	f.Add("malformed", []byte(`{"a":"\ud800"}`), uint64(2))
	f.Add("extra-fields", []byte(`{"a":{"b":[1,{}]},"a":null}`), uint64(3))
	f.Fuzz(func(t *testing.T, kind string, body []byte, seed uint64) {
		before := bytes.Clone(body)
		got, err := webhook.MutateBody(kind, body, random.New(seed), another)
		if !bytes.Equal(before, body) {
			t.Fatal("the body itself was changed")
		}
		if err != nil {
			return
		}
		switch kind {
		case "empty":
			if len(got) != 0 {
				t.Fatalf("not empty: %q", got)
			}
		case "malformed":
			if json.Valid(got) || len(got) == 0 {
				t.Fatalf("well-formed: %q", got)
			}
		default:
			if !json.Valid(got) {
				t.Fatalf("not JSON: %q", got)
			}
			checkOrder(t, fieldNames(t, body), fieldNames(t, got))
		}
	})
}

// checkOrder fails unless the names in both lists come in one order.
func checkOrder(t *testing.T, before, after []string) {
	t.Helper()
	added := []string{"sim_extra_text", "sim_extra_number", "sim_extra_null", "sim_extra_object", "padding"}
	dropped := func(name string) bool { return !slices.Contains(after, name) || slices.Contains(added, name) }
	kept := slices.DeleteFunc(slices.Clone(before), dropped)
	left := slices.DeleteFunc(slices.Clone(after), dropped)
	if !slices.Equal(kept, left) {
		t.Fatalf("fields %q became %q", before, after)
	}
}

func fieldNames(t *testing.T, object []byte) []string {
	t.Helper()
	dec := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.String())
		if err := dec.SkipValue(); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

package openapi_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
)

// Each required field, at every level of every request, is missed by its dotted name when it is absent or null.
func TestMissingFields(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	for _, op := range c.Operations() {
		t.Run(op.Schema, func(t *testing.T) {
			t.Parallel()
			required := 0
			for _, field := range op.Fields() {
				if !field.Required {
					continue
				}
				required++
				for name, change := range map[string]func(map[string]any, string){
					"absent": func(o map[string]any, name string) { delete(o, name) },
					"null":   func(o map[string]any, name string) { o[name] = nil },
				} {
					doc := example(t, c, op.Schema)
					object, last := holder(t, doc, field.Path)
					change(object, last)
					err := op.Validate(doc)
					if err == nil || err.Error() != "Missing required field: "+field.Path {
						t.Errorf("%s %s: %v", field.Path, name, err)
					}
				}
			}
			if required == 0 {
				t.Error("nothing is required")
			}
		})
	}
}

// Of several absent fields the first in the contract's order is named, and broken rules wait until none is absent.
func TestFirstMissingField(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	for _, op := range c.Operations() {
		var required []string
		for _, f := range op.Fields() {
			if f.Required && !strings.Contains(f.Path, ".") {
				required = append(required, f.Path)
			}
		}
		doc := example(t, c, op.Schema)
		doc.Fields["email"] = "broken"
		for _, path := range slices.Backward(required) {
			delete(doc.Fields, path)
			if got := invalid(t, op.Validate(doc)); got.Missing != path || got.Problems != nil {
				t.Errorf("%s without %s and all after it: %+v", op.Schema, path, got)
			}
		}
	}
}

// The first missing field may be a nested one, where the object that holds it stands before the next absent field.
func TestMissingFieldOrderIsThatOfTheText(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	op, _ := c.Operation("EMERCHANTPAY", "PAYIN", "")
	doc := example(t, c, op.Schema)
	delete(doc.Fields["card"].(map[string]any), "cvv")
	if got := invalid(t, op.Validate(doc)); got.Missing != "card.cvv" {
		t.Errorf("%+v", got)
	}
	delete(doc.Fields, "email") // written before card
	if got := invalid(t, op.Validate(doc)); got.Missing != "email" {
		t.Errorf("%+v", got)
	}
}

// All broken rules are listed, in the contract's order, however the request is ordered; nested ones in their place.
func TestProblemsAreInTheContractsOrder(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	for _, op := range c.Operations() {
		t.Run(op.Schema, func(t *testing.T) {
			t.Parallel()
			doc, want := example(t, c, op.Schema), []string(nil)
			for _, f := range op.Fields() {
				if strings.Contains(f.Path, ".") || f.Type == "object" {
					continue // an object of a wrong type hides what is in it; see below
				}
				doc.Fields[f.Path] = []any{[]any{}} // nothing takes a list of lists
				want = append(want, f.Path)
			}
			var got []string
			for _, p := range invalid(t, op.Validate(doc)).Problems {
				got = append(got, strings.TrimSuffix(p.Path, ".0")) // of a list its first entry is wrong
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	op, _ := c.Operation("WORLDPAY_EU", "PAYIN", "")
	doc := example(t, c, op.Schema)
	address := doc.Fields["address"].(map[string]any)
	doc.Fields["merchantReference"], doc.Fields["kycVerified"], doc.Fields["phone"] = true, "yes", "123"
	address["country"], address["line1"] = "Deutschland", ""
	want := []string{
		"phone must have at least 6 digits", "kycVerified must be a boolean", "address.line1 must not be empty",
		"address.country must be an ISO 3166 country code", "merchantReference must be a string",
	}
	if diff := cmp.Diff(want, invalid(t, op.Validate(doc)).Problems.Texts()); diff != "" {
		t.Error(diff)
	}
}

// null counts as absent (assumed): an optional field may be null, and nobody looks at what else it should be.
func TestNullCountsAsAbsent(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	for _, op := range c.Operations() {
		doc := example(t, c, op.Schema)
		for _, f := range op.Fields() {
			if !f.Required && !strings.Contains(f.Path, ".") {
				doc.Fields[f.Path] = nil
			}
		}
		if err := op.Validate(doc); err != nil {
			t.Errorf("%s: %v", op.Schema, err)
		}
	}
}

// Fields that the contract doesn't know are accepted in requests (assumed), at any depth, whatever they hold.
func TestUnknownFieldsAreAccepted(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	for _, op := range c.Operations() {
		doc := example(t, c, op.Schema)
		for _, object := range append(nested(doc.Fields), doc.Fields) {
			maps.Copy(object, map[string]any{"unknown": []any{nil, map[string]any{}}, "": "", "PSPTYPE": 1})
		}
		if err := op.Validate(doc); err != nil {
			t.Errorf("%s: %v", op.Schema, err)
		}
	}
}

// nested returns the objects in an object.
func nested(object map[string]any) (found []map[string]any) {
	for _, value := range object {
		if o, ok := value.(map[string]any); ok {
			found = append(append(found, o), nested(o)...)
		}
	}
	return found
}

// What samples show both ways, and what stands at a rule's edge.
func TestValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ field, value, want string }{
		{"userId", `"user-1001"`, ""},
		{"userId", `1001`, ""},
		{"userId", `1001.5`, ""},
		{"userId", `""`, "userId must not be empty"},
		{"userId", `true`, "userId must be a string or a number"},
		{"userId", `"` + strings.Repeat("é", 128) + `"`, ""}, // letters count, not bytes
		{"userId", `"` + strings.Repeat("é", 129) + `"`, "userId must be at most 128 characters"},
		{"baseamount", `0.01`, ""},
		{"baseamount", `1e2`, ""},
		{"baseamount", `0`, "baseamount must be greater than 0"},
		{"baseamount", `-0`, "baseamount must be greater than 0"},
		{"baseamount", `0.00`, "baseamount must be greater than 0"},
		{"baseamount", `-5`, "baseamount must be greater than 0"},
		{"baseamount", `1e400`, "baseamount must be a number of ordinary size"},
		{"baseamount", `"100.00"`, "baseamount must be a number"},
		{"email", `"a@b.c"`, ""},
		{"email", `"jane@localhost"`, "email must be a valid email"},
		{"email", `"jane@b..c"`, "email must be a valid email"},
		{"email", `"jane doe@b.c"`, "email must be a valid email"},
		{"email", `"jane@b.c\n"`, "email must be a valid email"},
		{"email", `""`, "email must not be empty"},
		{"email", `"a@` + strings.Repeat(strings.Repeat("b", 62)+".", 4) + `"`, "email must be a valid email"},
		{"email", `"a@` + strings.Repeat(strings.Repeat("b", 62)+".", 4)[1:] + `c"`, ""},
		{"email", `"aaa@` + strings.Repeat(strings.Repeat("b", 62)+".", 4) + `c"`, "email must be at most 254 characters"},
		{"currency", `"cad"`, "currency must be an active ISO 4217 currency code"},
		{"currency", `"CAD\n"`, "currency must be an active ISO 4217 currency code"},
		{"phone", `"+1 (416) 555-0123"`, ""},
		{"phone", `"12345"`, "phone must have at least 6 digits"},
		{"phone", `4165550123`, "phone must be a string"},
		{"isTestMode", `"false"`, "isTestMode must be a boolean"},
		{"country", `"CAN"`, ""},
		{"country", `"xfa"`, "country must be an ISO 3166 country code"},
		{"country", `"ca"`, "country must be an ISO 3166 country code"},
		{"country", `"C"`, "country must be an ISO 3166 country code"},
	}
	c := cashier(t)
	op, _ := c.Operation("PAYONE", "PAYIN", "")
	for _, test := range tests {
		doc := example(t, c, op.Schema)
		doc.Fields[test.field] = decode(t, `{"value":`+test.value+`}`).Fields["value"]
		err := op.Validate(doc)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s %.40s: %v", test.field, test.value, err)
			}
			continue
		}
		if diff := cmp.Diff([]string{test.want}, invalid(t, err).Problems.Texts()); diff != "" {
			t.Errorf("%s %.40s: %s", test.field, test.value, diff)
		}
	}
}

func TestInvalidError(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"Missing required field: a.b":       &openapi.Invalid{Missing: "a.b"},
		"Validation failed: a must; b must": &openapi.Invalid{Problems: openapi.Problems{{Path: "a", Reason: "must"}, {Path: "b", Reason: "must"}}},
	} {
		if err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
	}
}

// The same contract is asked by many calls at once, each schema for the first time by several of them.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for range 8 {
		go func() {
			var failed error
			for _, op := range c.Operations() {
				text, _ := c.Example(op.Schema)
				doc, err := openapi.Decode(text)
				if err == nil {
					err = op.Validate(doc)
				}
				if err != nil || len(c.FieldsOf(op.Answer)) == 0 || len(c.Ledger()) == 0 {
					failed = err
				}
			}
			done <- failed
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

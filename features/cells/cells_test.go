package cells

import (
	"encoding/json"
	"testing"

	"mozartosim/openapi"
)

func TestExpect(t *testing.T) {
	t.Parallel()
	documents := map[string]map[string]any{"request": {"userId": json.Number("17"), "amount": json.Number("100.00")}, "kept": {"x": "y"}}
	refer := Refer(func(document, path string) (any, bool) { return openapi.Lookup(documents[document], path) })
	for _, c := range []struct {
		value any
		cell  string
		holds bool
	}{
		{"PENDING", "PENDING", true}, {"PENDING", "pending", false},
		{json.Number("100"), "100.00", true}, {json.Number("100"), `"100"`, false}, {"100.00", `"100.00"`, true}, {"100.00", "100.00", true},
		{"100.00", "100", false}, {true, "true", true}, {nil, "(null)", true}, {"", "(empty)", true}, {"x", "(empty)", false},
		{"100.00", "<amount>", true}, {"100.0", "<amount>", false}, {json.Number("100.00"), "<amount>", false},
		{json.Number("1"), "<number>", true}, {"1", "<number>", false}, {false, "<boolean>", true},
		{"6955b900b4403a3112000001", "<transaction id>", true}, {"6955B900b4403a3112000001", "<transaction id>", false},
		{"ftp://x", "<url>", false}, {"https://x/y?z", "<url>", true}, {"po-1", "/^po-/", true}, {"x", "/(/", false},
		{"17", "<request.userId>", true}, {"100", "<request.amount>", true}, {"17", "<request.nothing>", false}, {"y", "<kept.x>", true},
		{"a", "<not:b>", true}, {"a", "<not:a>", false}, {"anything", "<any>", true}, {"x", "<unheard-of>", false},
		{"x", "<not:/(/>", false}, {"x", "<not:<unheard-of>>", false}, {"x", "<not:<uuid>>", true}, {"ab", "<not:/a/>", false}, {"x", "<not:{uuid}>", true},
		{map[string]any{"a": []any{}}, `{"a":[]}`, true}, {"y", "{kept.x}", true}, {"ftp://x", "{url}", false}, {"a", "{not:a}", false}, {map[string]any{}, "{}", true},
	} {
		if wanted := refer.Expect(c.value, true, c.cell); (wanted == "") != c.holds {
			t.Errorf("%v against %s: %q", c.value, c.cell, wanted)
		}
	}
	if refer.Expect(nil, false, "(absent)") != "" || refer.Expect(nil, true, "(absent)") != "" || refer.Expect("x", true, "(absent)") == "" || refer.Expect(nil, false, "<any>") == "" {
		t.Error("absence is misjudged")
	}
}

// A cell is a value by the field's type, or what it says that it is.
func TestValue(t *testing.T) {
	t.Parallel()
	refer := Refer(func(_, path string) (any, bool) { return "y", path == "x" })
	for _, c := range []struct {
		cell, kind string
		want       any
	}{
		{"25", "number", json.Number("25")}, {"25", "string", "25"}, {"25", "string or number", "25"}, {`"25"`, "number", "25"}, {"x", "number", "x"},
		{"true", "boolean", true}, {"(empty)", "number", ""}, {"(null)", "string", nil}, {"json:12", "string", json.Number("12")}, {"<answer.x>", "", "y"}, {"{answer.x}", "", "y"},
		{`"a \"b\" \\ c"`, "", `a "b" \ c`},
	} {
		if got, err := refer.Value(c.cell, c.kind); err != nil || got != c.want {
			t.Errorf("%s as %s is %v, %v", c.cell, c.kind, got, err)
		}
	}
	for _, wrong := range []string{"json:{", "<answer.z>"} {
		if got, err := refer.Value(wrong, ""); err == nil {
			t.Errorf("%s was taken as %v", wrong, got)
		}
	}
}

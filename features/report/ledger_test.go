package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

func TestLedgerRows(t *testing.T) {
	t.Parallel()
	mark := openapi.Provenance{Basis: openapi.Assumed, Note: "schema's note"}
	entry := func(group, rule string) openapi.Entry {
		return openapi.Entry{Group: group, LedgerEntry: adminapi.LedgerEntry{Rule: rule, Description: "says", Provenance: mark}}
	}
	const calls = "Calls and webhooks"
	got := ledgerRows([]openapi.Entry{
		entry("Behaviours", "a-behaviour"), entry(calls, "POST /path"), entry(calls, "a-rule"), entry(calls, "POST hook"), entry("Thing", "Thing"),
		entry("Thing", "Thing.a.b"), entry("Thing", "thing-rule"), entry("Other", "Other"),
	}, "")
	want := [][]string{
		{"Behaviours"},
		{"assumed", "a-behaviour", "says (schema's note)"},
		{"Calls and webhooks"},
		{"assumed", "POST /path", "says (schema's note)"},
		{"assumed", "a-rule", "says (schema's note)"},
		{"assumed", "POST hook", "says (schema's note)"},
		{"Thing"},
		{"assumed", "(itself)", "says (schema's note)"},
		{"assumed", "a.b", "says"},
		{"assumed", "thing-rule", "says"},
		{"Other"},
		{"assumed", "(itself)", "says (schema's note)"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

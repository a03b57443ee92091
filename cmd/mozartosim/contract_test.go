package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/fidelity"
	"mozartosim/openapi"
)

// TestShowEveryFlow gathers and prints all flows: nothing goes without its mark, no line is too wide, and the rules of
// every call are shown with the flow's own.
func TestShowEveryFlow(t *testing.T) {
	t.Parallel()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range c.Operations() {
		t.Run(op.Schema, func(t *testing.T) {
			t.Parallel()
			all, err := op.Flow()
			if err != nil {
				t.Fatal(err)
			}
			schemas := []openapi.Message{all.Request, all.Answer}
			if all.Webhook != nil {
				schemas = append(schemas, *all.Webhook)
			}
			for _, s := range schemas {
				for _, f := range s.Fields {
					if f.Provenance.Basis == "" {
						t.Errorf("%s.%s bears no mark", s.Schema, f.Path)
					}
				}
			}
			if _, err := json.Marshal(all); err != nil {
				t.Error(err)
			}
			checkText(t, all)
		})
	}
}

func checkText(t *testing.T, all openapi.Flow) {
	t.Helper()
	var text strings.Builder
	cmd := &cobra.Command{}
	cmd.SetOut(&text)
	out := cli.To(cmd)
	writeFlow(out, all)
	if err := out.Err(); err != nil {
		t.Error(err)
	}
	tables, _, _ := strings.Cut(text.String(), "\nExample request\n")
	for _, line := range strings.Split(tables, "\n") {
		if utf8.RuneCountInString(line) > 120 {
			t.Errorf("wider than 120: %s", line)
		}
	}
	for _, want := range []string{"amount-decimals", all.Request.Schema, all.Answer.Schema} {
		if !strings.Contains(tables, want) {
			t.Errorf("%s is not shown", want)
		}
	}
}

// TestLedgerIsMarked makes sure that no line of the ledger goes without a name or a mark.
func TestLedgerIsMarked(t *testing.T) {
	t.Parallel()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range c.Ledger() {
		if e.Rule == "" || e.Provenance.Basis == "" {
			t.Errorf("entry %d lacks its name or its mark: %+v", i, e)
		}
	}
}

// README.md says what the command computes, so that its totals stay true.
func TestReadmeStatesFidelity(t *testing.T) {
	t.Parallel()
	found, err := fidelity.Read(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "`mozartosim contract fidelity` ("+found.Summary()+")") {
		t.Errorf("README.md must say %q", found.Summary())
	}
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/features/steps"
)

// stepShown is a step as `mozartosim contract steps --json` prints it.
type stepShown struct {
	Pattern string   `json:"pattern"`
	Does    string   `json:"action"`
	Example string   `json:"example"`
	Needs   []string `json:"needs"` // tags that its scenario bears
}

func newContractSteps() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "steps [WORD…]",
		Short: "List the steps that features are written in, each with an example",
		Long: `List the steps that features are written in, each with what it does and an example; with words, only those that
have all of them. In patterns {kind} takes a value, (text) may be left out, and one/another are alternatives.
Behind a step stand the tags that its scenario needs: @control (the simulator's control API), @webhook (a
receiver), @shopper (somebody who pays).`,
		Example: `  mozartosim contract steps webhook
  mozartosim contract steps --json | jq -r .[].pattern`,
		RunE: func(cmd *cobra.Command, words []string) error {
			vocabulary, err := steps.New()
			if err != nil {
				return err
			}
			shown := []stepShown{}
			for _, s := range vocabulary.Steps() {
				if hasAll(s.Pattern+" "+s.Doc+" "+s.Example, words) {
					shown = append(shown, stepShown{s.Pattern, s.Doc, s.Example, append([]string{}, s.Needs.Words()...)})
				}
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), shown)
			}
			if len(shown) == 0 {
				return fmt.Errorf("no step has the words %q", strings.Join(words, " "))
			}
			return writeSteps(cmd.OutOrStdout(), shown)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: [{pattern, does, example, needs}]")
	return cmd
}

func hasAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			return false
		}
	}
	return true
}

func writeSteps(out io.Writer, shown []stepShown) error {
	var text strings.Builder
	for _, s := range shown {
		fmt.Fprintf(&text, "%s", s.Pattern)
		if len(s.Needs) > 0 {
			fmt.Fprintf(&text, "   %s", strings.Join(s.Needs, " "))
		}
		text.WriteByte('\n')
		for _, line := range wrap(s.Does, textWidth-4) {
			fmt.Fprintf(&text, "    %s\n", line)
		}
		fmt.Fprintf(&text, "      %s\n\n", strings.ReplaceAll(s.Example, "\n", "\n      "))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/features/setup"
)

// NewInit makes the verb init, which writes files to start with. On a terminal it asks what no flag answers.
func NewInit(kind setup.Kind) *cobra.Command {
	name, what := kind.File, "a "+kind.File
	if name == "" {
		name, what = ".", "mozartosim.yaml, certify.yaml, contract.yaml, a compose file and a CI job"
	}
	cmd := &cobra.Command{
		Use:   "init [" + map[bool]string{true: "FOLDER", false: "FILE"}[kind.File == ""] + "]",
		Short: "Write " + what + " to start with",
		Long: "Write " + what + ` to start with, with a comment on each field. On a terminal it asks what no flag answers;
elsewhere the defaults stand. What exists is never overwritten: when a file is in the way, nothing is written.`,
		Args: AtMostOneArg("a place", name),
	}
	answers := map[string]string{}
	for _, q := range kind.Questions() {
		cmd.Flags().String(q.Name, q.Default, q.Asks)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for _, q := range kind.Questions() {
			if flag := cmd.Flags().Lookup(q.Name); flag.Changed {
				answers[q.Name] = flag.Value.String()
			}
		}
		if Interactive(cmd) {
			if err := setup.Ask(cmd.InOrStdin(), cmd.ErrOrStderr(), kind.Questions(), answers); err != nil {
				return Usagef("%v", err)
			}
		}
		files, err := kind.Files(answers)
		if err != nil {
			return Usagef("%v", err)
		}
		dir, next := strings.Join(args, ""), kind.Next
		if len(args) > 0 && kind.File != "" {
			next = strings.Replace(next, kind.File, args[0], 1)
			dir, files[0].Name = "", args[0]
		}
		if err := setup.Write(dir, files); err != nil {
			return Usagef("%v", err)
		}
		for _, file := range files {
			fmt.Fprintf(cmd.OutOrStdout(), "%s is written\n", filepath.Join(dir, file.Name))
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "read them, then: %s\n", next)
		return err
	}
	return cmd
}

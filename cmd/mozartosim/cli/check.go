package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
	"mozartosim/simulator/words"
)

// FileCheck makes the command that checks files of one kind: read reads one, and its error says what is wrong where. All files are
// read; each problem is a line of the output.
func FileCheck(kind, example string, read func(file string) (warnings []string, err error)) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE…",
		Short: "Check " + kind + " files: what is wrong, where, and what would be right",
		Long: "Check " + kind + ` files: one line for each problem, with file, line and column, and what would be right. The exit code
is 1 when there is a problem.`,
		Example: "  " + example,
		Args:    SomeArgs("files", example),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, problems, fine := To(cmd), 0, 0
			for _, file := range args {
				warnings, err := read(file)
				lines, ok := openapi.Lines(err)
				if !ok {
					return err
				}
				if len(lines) == 0 {
					fine++
				}
				problems += len(lines)
				for _, line := range lines {
					out.Say("%s", line)
				}
				for _, w := range warnings {
					out.Say("%s: probably not meant: %s", file, w)
				}
			}
			if problems > 0 {
				return fmt.Errorf("%s above", words.Count(problems, "problem"))
			}
			out.Say("%s fine", words.Count(fine, "file is", "files are"))
			return out.Err()
		},
	}
}

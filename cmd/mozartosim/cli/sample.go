package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

// NewInit makes the verb init, which writes a sample of a file to fill in; it never overwrites. then is the command that reads it.
func NewInit(file, sample, then string) *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a " + file + " to fill in",
		Long:  "Write a " + file + " to fill in, with a comment on each of its fields. A file that exists is never overwritten.",
		Args:  AtMostOneArg("a file", file),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := file
			if len(args) > 0 {
				name = args[0]
			}
			out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return Usagef("%s exists already, and is left as it is: name another file", name)
			}
			if err == nil {
				_, err = out.WriteString(sample)
				err = errors.Join(err, out.Close())
			}
			if err != nil {
				return Usagef("%v", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is written; fill it in, then: %s\n", name, then)
			return err
		},
	}
}

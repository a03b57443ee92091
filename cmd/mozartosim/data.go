package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/data"
	"mozartosim/simulator/journal/portable"
	"mozartosim/simulator/mask"
)

func newData() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Export, import and check the data of serve --data",
		Long: `Export, import and check the data of serve --data: a file, or a postgres:// database (its password
comes from PGPASSWORD, or from the file that PGPASSFILE names). A file must not be in use: stop the
simulator first. An export is one portable file of JSON lines with all companies, payments and scheduled jobs. Companies'
secrets in it stay encrypted with --data-key, or the key file beside the data file: copy that too.`,
		Args: cli.SubcommandsOnly,
		RunE: cli.ShowHelp,
	}
	cmd.AddCommand(newDataExport(), newDataImport(), newDataCheck())
	return cmd
}

func newDataExport() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export FILE|URL",
		Short: "Write everything to one portable file",
		Example: `  mozartosim data export mozartosim.db > all.jsonl
  mozartosim data export postgres://sim@db/mozartosim --out all.jsonl`,
		Args: dataArg,
	}
	cmd.Flags().StringVar(&out, "out", "", "write to this file (default: standard output)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var sum portable.Summary
		o := cli.To(cmd)
		err := o.ToFile(cmp.Or(out, "-"), func(to io.Writer) (err error) {
			sum, err = data.Export(cmd.Context(), args[0], version(), to)
			return err
		})
		if err == nil {
			o.Beside("exported %s", sum)
		}
		return cmp.Or(err, o.Err())
	}
	return cmd
}

func newDataImport() *cobra.Command {
	var from string
	var replace bool
	cmd := &cobra.Command{
		Use:   "import FILE|URL",
		Short: "Import an export, all or nothing",
		Example: `  mozartosim data import mozartosim.db < all.jsonl
  mozartosim data import postgres://sim@db/mozartosim --from all.jsonl --replace`,
		Args: dataArg,
	}
	cmd.Flags().StringVar(&from, "from", "", "read this file (default: standard input)")
	cmd.Flags().BoolVar(&replace, "replace", false, "replace existing data")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, done, err := seekable(from)
		if err != nil {
			return err
		}
		defer done()
		sum, err := data.Import(cmd.Context(), args[0], version(), in, replace)
		if err != nil {
			return err
		}
		out := cli.To(cmd)
		out.Say("imported %s", sum)
		return out.Err()
	}
	return cmd
}

// seekable returns a file, or the standard input, as one that can be read twice: once to check it, once to import it.
func seekable(file string) (_ io.ReadSeeker, done func(), err error) {
	in, err := cli.Open(cmp.Or(file, "-"))
	if err != nil {
		return nil, nil, fmt.Errorf("from: %w", err)
	}
	if _, err := in.Seek(0, io.SeekCurrent); err == nil {
		return in, func() { _ = in.Close() }, nil
	}
	spool, err := os.CreateTemp("", "mozartosim-import-*")
	if err != nil {
		return nil, nil, err
	}
	done = func() { _ = errors.Join(spool.Close(), os.Remove(spool.Name())) }
	if _, err = io.Copy(spool, in); err == nil {
		_, err = spool.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
	}
	return spool, done, err
}

func newDataCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE|URL",
		Short:   "Check that the data is complete and consistent",
		Example: `  mozartosim data check mozartosim.db`,
		Args:    dataArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			sum, err := data.Check(cmd.Context(), args[0], version())
			if err != nil {
				return err
			}
			out := cli.To(cmd)
			out.Say("%s is consistent: %s", mask.Text(args[0]), sum)
			return out.Err()
		},
	}
}

// warnOfPassword says what to do instead of a password on the command line.
func warnOfPassword(cmd *cobra.Command, store string) {
	_, rest, _ := strings.Cut(store, ":")
	user := rest[:strings.LastIndex(rest, "@")+1]
	if data.IsDatabase(store) && strings.Contains(user, ":") { // however it is mistyped
		fmt.Fprintln(cmd.ErrOrStderr(), "the database's password stands on the command line, where other users of this machine can read it: set PGPASSWORD, or PGPASSFILE to a file that has it")
	}
}

// dataArg is the Args of commands about a file or database.
func dataArg(cmd *cobra.Command, args []string) error {
	if len(args) == 2 && cmd.Name() == "import" {
		return cli.Usagef("%s takes one argument and reads the standard input: %s %s < %s, or %s %s --from %s",
			cmd.CommandPath(), cmd.CommandPath(), args[0], args[1], cmd.CommandPath(), args[0], args[1])
	}
	if len(args) == 2 && cmd.Name() == "export" {
		return cli.Usagef("%s takes one argument and writes the standard output, or with --out a file: %s %s --out %s",
			cmd.CommandPath(), cmd.CommandPath(), args[0], args[1])
	}
	if len(args) != 1 || args[0] == "" {
		return cli.Usagef("%s needs a data file or a postgres:// URL, as in: %s mozartosim.db", cmd.CommandPath(), cmd.CommandPath())
	}
	warnOfPassword(cmd, args[0])
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/portable"
	sqljournal "mozartosim/simulator/journal/sql"
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
		j, err := openData(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		sum, err := exportTo(cmd, j, out)
		if err := errors.Join(err, j.Close()); err != nil {
			return err
		}
		_, err = fmt.Fprintf(cmd.ErrOrStderr(), "exported %s\n", sum)
		return err
	}
	return cmd
}

// exportTo writes a file whole or not at all.
func exportTo(cmd *cobra.Command, j journal.Journal, file string) (sum portable.Summary, err error) {
	if file == "" {
		return portable.Write(cmd.Context(), cmd.OutOrStdout(), j, version())
	}
	err = writeFile(file, func(to io.Writer) error {
		sum, err = portable.Write(cmd.Context(), to, j, version())
		return err
	})
	return sum, err
}

// writeFile writes a file whole or not at all, one that only its owner can read.
func writeFile(file string, write func(io.Writer) error) error {
	part, err := os.OpenFile(file+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = write(part)
	if err = errors.Join(err, part.Sync(), part.Close()); err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
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
		in, done, err := seekable(cmd.InOrStdin(), from)
		if err != nil {
			return err
		}
		defer done()
		into := importFile
		if simulator.IsDatabase(args[0]) {
			into = importURL
		}
		sum, err := into(cmd.Context(), args[0], in, replace)
		if errors.Is(err, portable.ErrNotEmpty) {
			return fmt.Errorf("%s: %w; --replace replaces it", mask.Text(args[0]), err)
		}
		if err != nil {
			return fmt.Errorf("nothing was imported: %w", err)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "imported %s\n", sum)
		return err
	}
	return cmd
}

// seekable returns the input as one that can be read twice: once to check it, once to import it.
func seekable(in io.Reader, file string) (_ io.ReadSeeker, done func(), err error) {
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, nil, fmt.Errorf("from: %w", err)
		}
		return f, func() { _ = f.Close() }, nil
	}
	if f, ok := in.(*os.File); ok {
		if _, err := f.Seek(0, io.SeekCurrent); err == nil {
			return f, func() {}, nil
		}
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
		return nil, nil, err
	}
	return spool, done, nil
}

// importFile makes a new file and, when it is complete, replaces the old one by it.
func importFile(ctx context.Context, file string, in io.ReadSeeker, replace bool) (sum portable.Summary, err error) {
	if info, err := os.Stat(file); err == nil && info.Size() > 0 {
		if err := mayReplace(ctx, file, replace); err != nil {
			return sum, err
		}
	}
	fresh := file + ".importing"
	remove := func() error {
		var errs []error
		for _, suffix := range []string{"", "-wal"} {
			if err := os.Remove(fresh + suffix); !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}
	if err := remove(); err != nil {
		return sum, err
	}
	j, err := openStore(ctx, fresh)
	if err != nil {
		return sum, err
	}
	sum, err = portable.Read(ctx, in, j)
	if err = errors.Join(err, j.Close()); err == nil {
		err = os.Rename(fresh, file)
	}
	if err != nil {
		return sum, errors.Join(err, remove())
	}
	return sum, nil
}

// mayReplace says whether a file may be replaced: it must not be in use, and must be empty unless --replace is set.
func mayReplace(ctx context.Context, file string, replace bool) error {
	j, err := openStore(ctx, file)
	if err != nil {
		return err
	}
	if !replace {
		err = portable.Empty(ctx, j)
	}
	return errors.Join(err, j.Close())
}

func importURL(ctx context.Context, url string, in io.ReadSeeker, replace bool) (sum portable.Summary, err error) {
	j, err := openStore(ctx, url)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if replace {
		if _, err := portable.Inspect(in); err != nil {
			return sum, err
		}
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return sum, err
		}
		if err := portable.Clear(ctx, j); err != nil {
			return sum, err
		}
	}
	sum, err = portable.Read(ctx, in, j)
	if err != nil && replace {
		err = fmt.Errorf("the existing data has been deleted already: %w", err)
	}
	return sum, err
}

func newDataCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE|URL",
		Short:   "Check that the data is complete and consistent",
		Example: `  mozartosim data check mozartosim.db`,
		Args:    dataArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := openData(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			sum, err := portable.Check(cmd.Context(), j)
			if err := errors.Join(err, j.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is consistent: %s\n", mask.Text(args[0]), sum)
			return err
		},
	}
}

// openData opens existing data.
func openData(ctx context.Context, data string) (journal.Journal, error) {
	if !strings.Contains(data, "://") && !simulator.IsDatabase(data) { // what is no file is told by openStore
		if _, err := os.Stat(data); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there is no data file %s", data)
		}
	}
	return openStore(ctx, data)
}

// openStore opens a file or a database without a limit of payments.
func openStore(ctx context.Context, data string) (journal.Journal, error) {
	j, err := simulator.OpenJournal(ctx, data, journal.Limits{Payments: math.MaxInt32}, version(), slog.New(slog.DiscardHandler))
	if errors.Is(err, sqljournal.ErrLocked) {
		return nil, fmt.Errorf("%s is in use by a running simulator: stop it first, then try again", data)
	}
	return j, err
}

// warnOfPassword says what to do instead of a password on the command line.
func warnOfPassword(cmd *cobra.Command, data string) {
	_, rest, _ := strings.Cut(data, ":")
	user := rest[:strings.LastIndex(rest, "@")+1]
	if simulator.IsDatabase(data) && strings.Contains(user, ":") { // however it is mistyped
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

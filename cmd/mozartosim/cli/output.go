package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"mozartosim/simulator/mask"
	"mozartosim/simulator/words"
)

// Output is where a verb prints. It keeps the first error and prints nothing after it, so that those who print have nothing to check;
// Err returns it.
type Output struct {
	cmd    *cobra.Command
	json   *bool      // whether Print writes JSON; nil = it does not
	indent string     // of JSON
	rows   [][]string // of the next table
	err    error
}

// To is the output of a verb.
func To(cmd *cobra.Command) *Output { return &Output{cmd: cmd} }

// Local lets a verb run that asks no running simulator, and adds --json, whose help says what that prints.
func Local(cmd *cobra.Command, prints string, run func(ctx context.Context, out *Output, args []string) error) *cobra.Command {
	asJSON := cmd.Flags().Bool("json", false, prints)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		out := &Output{cmd: cmd, json: asJSON, indent: "  "}
		return cmp.Or(run(cmd.Context(), out, args), out.err)
	}
	return cmd
}

// Err returns why printing failed.
func (o *Output) Err() error { return o.err }

// Write implements io.Writer.
func (o *Output) Write(text []byte) (n int, err error) {
	if o.err == nil {
		n, o.err = o.cmd.OutOrStdout().Write(text)
	}
	return n, o.err
}

// Say prints a line.
func (o *Output) Say(format string, args ...any) { fmt.Fprintf(o, format+"\n", args...) }

// Beside prints a line on the error output, so that scripts that read the output don't get it.
func (o *Output) Beside(format string, args ...any) {
	if o.err == nil {
		_, o.err = fmt.Fprintf(o.cmd.ErrOrStderr(), format+"\n", args...)
	}
}

// AsJSON says whether Print writes JSON.
func (o *Output) AsJSON() bool { return o.json != nil && *o.json }

// Print prints an answer, as JSON if that was asked for, else in words; without one it returns why there is none.
func (o *Output) Print(answer any, err error, inWords func()) error {
	switch {
	case err != nil:
		return err
	case o.AsJSON():
		return words.JSON(o, answer, o.indent)
	}
	inWords()
	return o.err
}

// Row adds a row to the next table; one of a single cell is a heading.
func (o *Output) Row(cells ...string) { o.rows = append(o.rows, cells) }

// Fact is a row of a name and a value, unless that is "".
func (o *Output) Fact(name, value string) {
	if value != "" {
		o.Row(name, value)
	}
}

// Table prints the rows; see words.Table.
func (o *Output) Table() {
	_ = words.Table(o, o.rows) // o keeps the error
	o.rows = nil
}

// Wrapped prints the rows for people; see words.Wrapped.
func (o *Output) Wrapped() {
	_ = words.Wrapped(o, o.rows) // o keeps the error
	o.rows = nil
}

// List prints the rows as a page of a list, and beside it, so that scripts get the list only, whether there is more.
func (o *Output) List(none, next string) {
	switch n := len(o.rows); {
	case n == 0:
		o.Say("%s", none)
	case next == "":
		o.Table()
	default:
		o.Table()
		o.Beside("there are more than %d: --limit shows them", n)
	}
}

// ToFile writes a file whole or not at all, one that only its owner can read; - is the output. A device or a pipe is written to, and not
// replaced.
func (o *Output) ToFile(file string, write func(io.Writer) error) error {
	if file == "-" {
		return write(o)
	}
	if at, err := os.Stat(file); err == nil && !at.Mode().IsRegular() {
		to, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(to), to.Close())
	}
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

// Open opens a file to be read; - is the standard input.
func Open(file string) (*os.File, error) {
	if file == "-" {
		return os.Stdin, nil
	}
	return os.Open(file)
}

// IsTerminal says whether a person reads along.
func (o *Output) IsTerminal() bool { return IsTerminal(o.cmd.OutOrStdout()) }

// IsTerminal says whether a person reads along.
func IsTerminal(out io.Writer) bool {
	file, ok := Raw(out).(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Interactive says whether a person can be asked: the questions go to the error output.
func Interactive(cmd *cobra.Command) bool {
	in, ok := cmd.InOrStdin().(*os.File)
	return ok && term.IsTerminal(int(in.Fd())) && IsTerminal(cmd.ErrOrStderr())
}

// Agreed asks a person whether something is to be done; only yes is yes, and stopped is no.
func Agreed(stopped <-chan struct{}, cmd *cobra.Command, question string) (bool, error) {
	fmt.Fprintf(cmd.ErrOrStderr(), "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() { // it ends with the process where nobody answers
		line, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-stopped:
		return false, Usagef("nothing was sent")
	case text := <-answer:
		if text != "y" && text != "yes" {
			return false, Usagef("nothing was sent")
		}
		return true, nil
	}
}

// Raw returns the writer behind one that escapes what acts on a terminal, for output that is the program's own or escaped already.
func Raw(out io.Writer) io.Writer {
	if t, ok := out.(*mask.TerminalWriter); ok {
		return t.Out
	}
	return out
}

package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/egress"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// UsageError is a command line that makes no sense: exit code 2.
type UsageError struct{ reason string }

func (e *UsageError) Error() string { return e.reason }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// OneOf is the error of a value that must be one of the known ones.
func OneOf(what, given string, known []string) error {
	return Usagef("%v", openapi.OneOf(what, given, known))
}

// WebURL reads a URL of a flag or a setting.
func WebURL(what, text, example string) (*url.URL, error) {
	u, err := openapi.WebURL(what, text, example)
	if err != nil {
		return nil, Usagef("%v", err)
	}
	return u, nil
}

// FlagError is the FlagErrorFunc of all commands: it says what the flag takes and where to read on.
func FlagError(cmd *cobra.Command, err error) error {
	var missing *pflag.ValueRequiredError
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	says := err.Error()
	switch {
	case errors.As(err, &missing):
		says = fmt.Sprintf("--%s needs %s", missing.GetFlag().Name, valueOf(missing.GetFlag()))
	case errors.As(err, &invalid):
		says = fmt.Sprintf("--%s %q must be %s", invalid.GetFlag().Name, invalid.GetValue(), valueOf(invalid.GetFlag()))
	}
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		says += openapi.DidYouMean("--"+unknown.GetSpecifiedName(), flagsOf(cmd))
	}
	return Usagef("%s; %q lists the flags", says, cmd.CommandPath()+" --help")
}

// flagsOf are the names of a command's flags, as they are typed.
func flagsOf(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return names
}

// valueOf says what a flag takes.
func valueOf(flag *pflag.Flag) string {
	switch kind := flag.Value.Type(); kind {
	case "bool":
		return "true or false"
	case "duration":
		return "a duration such as 800ms, 10s, 2m or 1h30m"
	case "int", "int64", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "time":
		return "a time such as 2026-05-01T12:00:00Z"
	default:
		return "a " + kind
	}
}

// NoArgs is the Args of commands that take flags only.
func NoArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) > 0 && cmd.HasAvailableSubCommands():
		return SubcommandsOnly(cmd, args)
	case len(args) > 0:
		return Usagef("%s takes no arguments, only flags, but was given %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// OneArg is the Args of commands that take exactly one.
func OneArg(what, example string) cobra.PositionalArgs { return exactly(1, what, example) }

// TwoArgs is the Args of commands that take exactly two.
func TwoArgs(what, example string) cobra.PositionalArgs { return exactly(2, what, example) }

func exactly(n int, what, example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n || slices.Contains(args, "") {
			return Usagef("%s needs %s, as in: %s %s", cmd.CommandPath(), what, cmd.CommandPath(), example)
		}
		return nil
	}
}

// SomeArgs is the Args of commands that take one or more; example is a whole command line.
func SomeArgs(what, example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return Usagef("%s needs %s, as in: %s", cmd.CommandPath(), what, example)
		}
		return nil
	}
}

// AtMostOneArg is the Args of commands that list everything or show one thing.
func AtMostOneArg(what, example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > 1:
			return Usagef("%s takes at most %s, as in: %s %s", cmd.CommandPath(), what, cmd.CommandPath(), example)
		case len(args) == 1 && args[0] == "": // of a variable that is not set: not to be taken for all
			return Usagef("%s was given an empty argument: leave it out, or give %s, as in: %s %s", cmd.CommandPath(), what, cmd.CommandPath(), example)
		case len(args) == 1 && openapi.DidYouMean(args[0], commandsOf(cmd)) != "": // a misspelt command, no id
			return SubcommandsOnly(cmd, args)
		}
		return nil
	}
}

// SubcommandsOnly is the Args of commands that only group others.
func SubcommandsOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	wrong, help := cmd.CommandPath()+" "+args[0], cmd.CommandPath()+" --help"
	return Usagef("there is no command %q%s; %q lists them", wrong, openapi.DidYouMean(args[0], commandsOf(cmd)), help)
}

// commandsOf are the names of a command's commands.
func commandsOf(cmd *cobra.Command) (names []string) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(append(names, sub.Name()), sub.Aliases...)
		}
	}
	return names
}

// ShowHelp is the RunE of commands that only group others.
func ShowHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// HelpCommand is "help", which refuses a command that does not exist, as every other verb does.
func HelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show help for a command",
		RunE: func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil {
				return Usagef("%v", err)
			}
			if len(rest) > 0 {
				return SubcommandsOnly(about, rest)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// FromEnvironment sets the flags that the command line left alone from MOZARTOSIM_<FLAG>: all of them, or those named.
func FromEnvironment(flags *pflag.FlagSet, names ...string) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "MOZARTOSIM_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, set := os.LookupEnv(name)
		wanted := len(names) == 0 || slices.Contains(names, f.Name)
		if failed != nil || !set || !wanted || f.Changed || f.Name == "help" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = Usagef("%s: %q must be %s", name, value, valueOf(f))
		}
	})
	return failed
}

// Guard is that of what a verb calls for its user: it goes where the simulator's webhooks may go. The URLs of flags, each after its name,
// are checked; an empty one is none.
func Guard(flags ...string) (*egress.Guard, error) {
	const variable = "MOZARTOSIM_WEBHOOK_ALLOW"
	guard, err := egress.New(strings.FieldsFunc(os.Getenv(variable), func(r rune) bool { return r == ',' }))
	if err != nil {
		return nil, Usagef("%s: %v", variable, err)
	}
	for i := 0; i < len(flags); i += 2 {
		if flags[i+1] == "" {
			continue
		}
		if err := guard.CheckURL(flags[i+1]); err != nil {
			return nil, Usagef("%s: %v", flags[i], err)
		}
	}
	return guard, nil
}

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a command line that makes no sense: exit code 2.
type usageError struct{ says string }

func (e *usageError) Error() string { return e.says }

func wrong(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// wrongFlag turns cobra's complaint about a flag into a usageError that says where to look.
func wrongFlag(cmd *cobra.Command, err error) error {
	var bare *pflag.ValueRequiredError
	if errors.As(err, &bare) {
		return wrong("--%s needs %s; %q lists the flags", bare.GetFlag().Name, kindWords(bare.GetFlag().Value.Type()), cmd.CommandPath()+" --help")
	}
	return wrong("%v; %q lists the flags", err, cmd.CommandPath()+" --help")
}

// noSuchCommand is the Args of commands that only hold others.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	cmd.SuggestionsMinimumDistance = 2
	if close := cmd.SuggestionsFor(args[0]); len(close) > 0 {
		hint = ", did you mean " + strings.Join(close, " or ") + "?"
	}
	return wrong("there is no command %q%s; %q lists them", cmd.CommandPath()+" "+args[0], hint, cmd.CommandPath()+" --help")
}

// strictHelp has "help" refuse a command that there is not, as every other verb does.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, help := range root.Commands() {
		if help.Name() != "help" {
			continue
		}
		help.Run = nil
		help.RunE = func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil {
				return wrong("%v", err)
			}
			if len(rest) > 0 {
				return noSuchCommand(about, rest)
			}
			return about.Help()
		}
	}
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// noArgs is the Args of commands that take flags only.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrong("%s takes no arguments, only flags, but was given %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// fromEnvironment sets the flags that the command line left alone from MOZARTOSIM_<FLAG>: all of them, or those named.
func fromEnvironment(flags *pflag.FlagSet, names ...string) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		value, ok := os.LookupEnv(name)
		chosen := len(names) == 0 || slices.Contains(names, f.Name)
		if failed != nil || !ok || !chosen || f.Changed || f.Name == "help" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = wrong("%s: %q must be %s", name, value, kindWords(f.Value.Type()))
		}
	})
	return failed
}

// kindWords says what a flag of the type takes.
func kindWords(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "duration":
		return "a duration such as 10s or 2m"
	case "int", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "time":
		return "a time such as 2026-05-01T12:00:00Z"
	}
	return "a " + kind
}

// variable is the name of a flag's environment variable.
func variable(flag string) string {
	return "MOZARTOSIM_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// environment returns a variable's value, or otherwise when it is not set or empty.
func environment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

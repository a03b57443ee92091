package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
	"mozartosim/scenarios"
	"mozartosim/simulator/scenario"
)

// checked is what `scenario check --json` prints.
type checked struct {
	Fine     int       `json:"fine"`
	Problems []problem `json:"problems"`
}

// problem is something wrong at a place in a file.
type problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Says   string `json:"description"`
}

func (p problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Says)
}

func newScenarioCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check FILE|DIR…",
		Short: "Check scenario files: what is wrong with them, where, and what would be right",
		Long: `Check scenario files, without a running simulator: one line for everything that is wrong, with file, line and column,
and what would be right. A folder is searched for *.yaml and *.yml. The exit code is 1 when anything is wrong.`,
		Example: `  mozartosim scenario check scenarios/
  mozartosim scenario check a.yaml b.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return wrong("%s needs files or folders, as in: mozartosim scenario check scenarios/", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := namedAsScenarios(args); err != nil {
				return err
			}
			found, problems, err := readScenarios(args)
			if err != nil {
				return err
			}
			if err := tellReplaced(cmd.ErrOrStderr(), found); err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(cmd.OutOrStdout(), checked{len(found), append([]problem{}, problems...)})
			} else {
				err = writeChecked(cmd, len(found), problems)
			}
			if err == nil && len(problems) > 0 {
				return errors.New(counted(len(problems), "problem", "problems") + " above; " + scenarioTop)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: {fine, problems}")
	return cmd
}

// scenarioTop is how a valid file may begin.
const scenarioTop = `a scenario file begins with "name: late-answer", and says what happens below it, as in "answer: {delay: 3s}"`

func writeChecked(cmd *cobra.Command, fine int, problems []problem) error {
	for _, p := range problems {
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), p); err != nil {
			return err
		}
	}
	says := counted(fine, "scenario is", "scenarios are")
	if fine == 0 {
		says = "no scenario is"
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s fine\n", says)
	return err
}

// namedAsScenarios refuses files that a folder of scenarios would not be searched for.
func namedAsScenarios(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		ext := filepath.Ext(path)
		if err == nil && !info.IsDir() && ext != ".yaml" && ext != ".yml" {
			return fmt.Errorf("%s is no scenario file: its name must end in .yaml or .yml", path)
		}
	}
	return nil
}

// tellReplaced names the scenarios that take the place of a ready one; the ready ones themselves don't.
func tellReplaced(out io.Writer, found []*scenario.Scenario) error {
	reader, err := scenarioReader()
	if err != nil {
		return err
	}
	all, err := reader.Dir(scenarios.Files)
	if err != nil {
		return err
	}
	ready := map[string]*scenario.Scenario{}
	for _, s := range all {
		ready[s.Name] = s
	}
	for _, s := range found {
		if r := ready[s.Name]; r == nil || bytes.Equal(r.Source(), s.Source()) {
			continue
		}
		if _, err := fmt.Fprintf(out, "%s takes the place of the ready scenario with that name\n", s.Name); err != nil {
			return err
		}
	}
	return nil
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// readScenarios reads files and folders; names must be unique across all of them.
func readScenarios(paths []string) (found []*scenario.Scenario, problems []problem, err error) {
	reader, err := scenarioReader()
	if err != nil {
		return nil, nil, err
	}
	owners := map[string]*scenario.Scenario{}
	for _, path := range paths {
		read, failed, err := readScenarioPath(reader, path)
		if err != nil {
			return nil, nil, err
		}
		if len(read)+len(failed) == 0 {
			return nil, nil, fmt.Errorf("%s holds no scenario: name a file or a folder with *.yaml or *.yml in it", path)
		}
		problems = append(problems, failed...)
		for _, s := range read {
			if owner := owners[s.Name]; owner != nil {
				says := fmt.Sprintf("name must not be that of %s:%d too: %s", owner.File, owner.Line, s.Name)
				problems = append(problems, problem{s.File, s.Line, 1, says})
				continue
			}
			owners[s.Name] = s
			found = append(found, s)
		}
	}
	return found, problems, nil
}

func scenarioReader() (scenario.Reader, error) {
	cashier, err := openapi.Cashier()
	if err != nil {
		return scenario.Reader{}, err
	}
	control, err := openapi.Control()
	return scenario.Reader{Cashier: cashier, Control: control}, err
}

// readScenarioPath reads a file or a folder; places name the file as it can be opened from here.
func readScenarioPath(reader scenario.Reader, path string) ([]*scenario.Scenario, []problem, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: name a file or a folder of scenarios", err)
	}
	if info.IsDir() {
		found, err := reader.Dir(os.DirFS(path))
		for _, s := range found {
			s.File = filepath.Join(path, s.File)
		}
		return places(found, err, func(file string) string { return filepath.Join(path, file) })
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	found, err := reader.File(path, text)
	return places(found, err, func(file string) string { return file })
}

// places takes what is wrong apart; an error without a place is returned as it is.
func places(found []*scenario.Scenario, err error, name func(string) string) ([]*scenario.Scenario, []problem, error) {
	if err == nil {
		return found, nil, nil
	}
	all := []error{err}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		all = many.Unwrap()
	}
	var problems []problem
	for _, one := range all {
		var at *openapi.LineError
		if !errors.As(one, &at) {
			return nil, nil, one
		}
		problems = append(problems, problem{name(at.File), at.Line, at.Column, at.Reason})
	}
	return found, problems, nil
}

func newScenarioPut() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "put FILE",
		Short:   "Put the scenarios of a file into the running simulator",
		Example: "  mozartosim scenario put twice.yaml",
		Args:    oneArg("a file of scenarios", "mozartosim scenario put twice.yaml"),
	}
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		found, problems, err := readScenarios(args)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return errors.New(problems[0].String())
		}
		for _, s := range found {
			if err := api.report(cmd, http.MethodPut, json.RawMessage(s.Source()), s.Name+" is in force", s.Name); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

package control

import (
	"encoding/json"
	"errors"
	"slices"

	"mozartosim/openapi"
	"mozartosim/simulator/scenario"
)

// lineProblem is something wrong at a place of a text.
type lineProblem struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Says   string `json:"description"`
}

// checkedName is the file that a checked text counts as; it is not told.
const checkedName = "scenario.yaml"

// checkScenario reads YAML as a scenario file is read, and changes nothing.
func (s *server) checkScenario(r *request) (reply, error) {
	doc, err := s.input(r, "CheckInput")
	if err != nil {
		return reply{}, err
	}
	if _, err := s.company(r.path["company"]); err != nil {
		return reply{}, err
	}
	text := []byte(doc.Text("yaml"))
	if name := doc.Text("name"); name != "" {
		text = named(text, name)
	}
	reader := scenario.Reader{Cashier: s.Reader.Cashier, Control: s.Reader.Control}
	found, err := reader.File(checkedName, text)
	problems, ok2 := linesOf(err)
	if !ok2 {
		return reply{}, err
	}
	written := []json.RawMessage{}
	for _, sc := range found {
		written = append(written, sc.Source())
	}
	return ok(map[string]any{"valid": len(problems) == 0, "problems": problems, "scenarios": written})
}

// named gives a scenario without a name one, behind the end of its text, so that no line moves. Text that is not one plain
// mapping is left alone: the reader says what is wrong with it.
func named(text []byte, name string) []byte {
	y, err := openapi.DecodeYAML(checkedName, text)
	if err != nil || y.Has("name") {
		return text
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return text
	}
	longer := slices.Concat(text, []byte("\nname: "), quoted, []byte("\n"))
	if _, err := openapi.DecodeYAML(checkedName, longer); err != nil { // in braces, or indented
		return text
	}
	return longer
}

// linesOf takes joined line errors apart; ok is false when there is another error among them.
func linesOf(err error) (lines []lineProblem, ok bool) {
	lines = []lineProblem{}
	if err == nil {
		return lines, true
	}
	all := []error{err}
	if joined, many := err.(interface{ Unwrap() []error }); many {
		all = joined.Unwrap()
	}
	for _, one := range all {
		var at *openapi.LineError
		if !errors.As(one, &at) {
			return nil, false
		}
		lines = append(lines, lineProblem{at.Line, at.Column, at.Reason})
	}
	return lines, true
}

package scenario

import (
	"fmt"
	"slices"

	"strings"

	"mozartosim/openapi"
)

// Reader makes scenarios of YAML and JSON, by the same rules for files and the admin API.
type Reader struct {
	Cashier *openapi.Contract // the fields of requests, and what the providers can do
	Control *openapi.Contract // the schema of a scenario
}

// Document reads one scenario from the admin API. Errors are *openapi.Invalid, with dotted paths and everything that is
// wrong.
func (r Reader) Document(doc openapi.Document) (*Scenario, error) {
	s, problems := r.read(doc)
	if problems == nil {
		return s, nil
	}
	return nil, problems.Err()
}

// The bounds of one file and of one folder.
const (
	maxDocuments = 10_000 // scenarios
	maxProblems  = 1000   // problems that are named; what comes after them is not read
)

// File reads a YAML file with one scenario, or several with `---` between them. Errors are *openapi.LineError, joined, from the
// file's top to its end, the first thousand of them; the valid scenarios are returned even then.
func (r Reader) File(name string, text []byte) ([]*Scenario, error) {
	found, lines := r.file(name, text, map[string]*Scenario{})
	return found, openapi.JoinLines(lines)
}

// file is File among other files, whose scenarios have their names. A scenario with problems keeps its name, too: that another
// has it is a problem of its own.
func (r Reader) file(name string, text []byte, names map[string]*Scenario) ([]*Scenario, []*openapi.LineError) {
	documents, err := openapi.DecodeYAMLStream(name, text, maxDocuments)
	if err == nil && len(documents) == 0 {
		return nil, []*openapi.LineError{{File: name, Line: 1, Column: 1, Reason: "must hold a scenario"}}
	}
	lines, _ := openapi.Lines(err)
	var found []*Scenario
	for _, y := range documents {
		if len(lines) > maxProblems {
			break
		}
		s, problems := r.read(y.Document)
		for _, p := range problems {
			lines = append(lines, y.At(p))
		}
		if problems != nil {
			s = &Scenario{Name: y.Text("name")}
		}
		s.File = name
		s.Line, _ = y.Start()
		switch owner := names[s.Name]; {
		case owner != nil:
			lines = append(lines, y.At(openapi.Problem{Path: "name", Reason: fmt.Sprintf("must not be that of %s:%d too: %s", owner.File, owner.Line, s.Name)}))
		case problems == nil:
			found = append(found, s)
		}
		if s.Name != "" && names[s.Name] == nil {
			names[s.Name] = s
		}
	}
	return found, lines
}

// read makes a scenario, or returns everything that is wrong with it: what breaks the contract, and what the contract can't
// say.
func (r Reader) read(doc openapi.Document) (*Scenario, openapi.Problems) {
	found, more := r.Control.Problems("Scenario", doc), openapi.Problems{}
	for i := range found {
		found[i].Reason = reworded(found[i].Reason)
	}
	s := build(section{problems: &more, fields: doc.Fields})
	s.source = doc.Raw
	r.check(&more, s)
	for _, p := range more {
		if !slices.ContainsFunc(found, func(other openapi.Problem) bool { return follows(p, other) }) {
			found = append(found, p)
		}
	}
	if found != nil {
		return nil, found
	}
	return s, nil
}

// follows says whether a problem may come from another: one at the same path, above it or below it.
func follows(p, other openapi.Problem) bool {
	return p.Path == other.Path || strings.HasPrefix(p.Path, other.Path+".") || strings.HasPrefix(other.Path, p.Path+".")
}

// reworded says what the contract can't say of the types that it names.
func reworded(reason string) string {
	switch reason {
	case "must be a string or an object": // only durations are either
		return errDuration.Error()
	case "must be an integer or an array": // only copies are either
		return "must be how many copies, such as 2, or a list of them, such as [{}, {after: 1m, auth: wrong}]"
	}
	return reason
}

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
	invalid := &openapi.Invalid{}
	for _, p := range problems {
		invalid.Problems = append(invalid.Problems, p.String())
	}
	return nil, invalid
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
			lines = append(lines, p.at(y))
		}
		if problems != nil {
			s = &Scenario{Name: y.Text("name")}
		}
		s.File = name
		s.Line, _ = y.Start()
		switch owner := names[s.Name]; {
		case owner != nil:
			lines = append(lines, y.At("name", fmt.Sprintf("name must not be that of %s:%d too: %s", owner.File, owner.Line, s.Name)))
		case problems == nil:
			found = append(found, s)
		}
		if s.Name != "" && names[s.Name] == nil {
			names[s.Name] = s
		}
	}
	return found, lines
}

// at puts the problem at its line of the file.
func (p problem) at(y *openapi.YAML) *openapi.LineError {
	if p.line > 0 {
		return y.In(p.path, p.line, p.column, p.path+" "+p.reason)
	}
	return y.At(p.path, p.String())
}

// read makes a scenario, or returns everything that is wrong with it: what breaks the contract, and what the contract can't
// say.
func (r Reader) read(doc openapi.Document) (*Scenario, problems) {
	var found, more problems
	for _, text := range r.Control.Problems("Scenario", doc) {
		found = append(found, schemaProblem(text))
	}
	s := build(section{problems: &more, fields: doc.Fields})
	s.source = doc.Raw
	r.check(&more, s)
	for _, p := range more {
		if !slices.ContainsFunc(found, p.follows) {
			found = append(found, p)
		}
	}
	if found != nil {
		return nil, found
	}
	return s, nil
}

// follows says whether the problem may come from another: one at the same path, above it or below it.
func (p problem) follows(other problem) bool {
	return p.path == other.path || strings.HasPrefix(p.path, other.path+".") || strings.HasPrefix(other.path, p.path+".")
}

// schemaProblem takes one of the contract's problems apart.
func schemaProblem(text string) problem {
	path, reason, _ := strings.Cut(text, " must ")
	reason = "must " + reason
	switch reason {
	case "must be a string or an object": // only durations are either
		reason = errDuration.Error()
	case "must be an integer or an array": // only copies are either
		reason = "must be how many copies, such as 2, or a list of them, such as [{}, {after: 1m, auth: wrong}]"
	}
	return problem{path: path, reason: reason}
}

package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// Reader makes scenarios out of YAML and JSON, held against the contracts: one set of rules for files and the admin API.
type Reader struct {
	Cashier *openapi.Contract // the fields of requests, and what the providers can do
	Control *openapi.Contract // the shape of a scenario
}

// problem is something wrong with a scenario: at a dotted path, and, inside of an expression, at a place in its text.
type problem struct {
	path, reason string
	line, column int // from 1; 0 = the path itself
}

func (p problem) String() string {
	text := p.reason
	if p.path != "" {
		text = p.path + " " + text
	}
	if p.line > 0 {
		return (&ExpressionError{p.line, p.column, text}).Error()
	}
	return text
}

// Document reads one scenario from the admin API. Errors are *openapi.Invalid, with dotted paths and everything that is
// wrong.
func (r Reader) Document(doc openapi.Document) (*Scenario, error) {
	s, problems := r.read(doc)
	if problems == nil {
		return s, nil
	}
	broken := &openapi.Invalid{}
	for _, p := range problems {
		broken.Problems = append(broken.Problems, p.String())
	}
	return nil, broken
}

// The bounds of one file and of one folder.
const (
	maxDocuments = 10_000 // scenarios
	maxProblems  = 1000   // lines of complaint; what lies behind is not read
)

// File reads a YAML file with one scenario, or several with `---` between them. Errors are *openapi.LineError, joined,
// from the file's top to its end, of the first thousand; the scenarios that hold are returned even then.
func (r Reader) File(name string, text []byte) ([]*Scenario, error) {
	return r.file(name, text, owners{})
}

// file is File among other files, whose scenarios have their names. A broken scenario keeps its name, too: that another
// has it is said at once, and not only when the first is mended.
func (r Reader) file(name string, text []byte, names owners) ([]*Scenario, error) {
	documents, err := openapi.DecodeYAMLStream(name, text, maxDocuments)
	if err == nil && len(documents) == 0 {
		return nil, &openapi.LineError{File: name, Line: 1, Column: 1, Reason: "must hold a scenario"}
	}
	lines := lineErrors(err)
	var found []*Scenario
	for _, y := range documents {
		if len(lines) > maxProblems {
			break
		}
		s, problems := r.read(y.Document)
		for _, p := range problems {
			lines = append(lines, p.in(y))
		}
		if problems != nil {
			s = &Scenario{Name: textAt(y.Fields, "name")}
		}
		s.File = name
		s.Line, _ = y.Start()
		switch taken := names.claim(s); {
		case taken != "":
			lines = append(lines, y.At("name", taken))
		case problems == nil:
			found = append(found, s)
		}
	}
	return found, joined(lines)
}

// in puts the problem at its line of the file.
func (p problem) in(y *openapi.YAML) *openapi.LineError {
	if p.line > 0 {
		return y.In(p.path, p.line, p.column, p.path+" "+p.reason)
	}
	return y.At(p.path, p.String())
}

// owners remembers which scenario has a name.
type owners map[string]*Scenario

// claim returns what is wrong with the scenario's name, "" when it is free, or not there at all.
func (o owners) claim(s *Scenario) string {
	if s.Name == "" {
		return ""
	}
	if owner := o[s.Name]; owner != nil {
		return fmt.Sprintf("name must not be that of %s:%d too: %s", owner.File, owner.Line, s.Name)
	}
	o[s.Name] = s
	return ""
}

// lineErrors takes joined errors apart.
func lineErrors(err error) []*openapi.LineError {
	var one *openapi.LineError
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []*openapi.LineError
		for _, e := range many.Unwrap() {
			lines = append(lines, lineErrors(e)...)
		}
		return lines
	}
	if errors.As(err, &one) {
		return []*openapi.LineError{one}
	}
	return nil
}

// joined makes one error of the lines, in their order in the file; nil when there are none.
func joined(lines []*openapi.LineError) error {
	slices.SortStableFunc(lines, func(a, b *openapi.LineError) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	all := make([]error, len(lines))
	for i, line := range lines {
		all[i] = line
	}
	return errors.Join(all...)
}

// read makes a scenario, or says everything that is wrong with it: what breaks the contract, and, beside that, what the
// contract can't say.
func (r Reader) read(doc openapi.Document) (*Scenario, []problem) {
	var problems []problem
	for _, text := range r.Control.Problems("Scenario", doc) {
		problems = append(problems, complaint(doc, text))
	}
	b := builder{}
	s := b.scenario(node{builder: &b, fields: doc.Fields})
	s.source = doc.Raw
	for _, p := range append(b.problems, r.check(s, doc)...) {
		if !slices.ContainsFunc(problems, p.follows) {
			problems = append(problems, p)
		}
	}
	if problems != nil {
		return nil, problems
	}
	return s, nil
}

// follows says whether the problem may come of another: one at the same path, above it or below it.
func (p problem) follows(other problem) bool {
	return p.path == other.path || strings.HasPrefix(p.path, other.path+".") || strings.HasPrefix(other.path, p.path+".")
}

// complaint takes one of the contract's complaints apart, and adds the word that may have been meant.
func complaint(doc openapi.Document, text string) problem {
	path, reason, _ := strings.Cut(text, " must ")
	reason = "must " + reason
	if reason == "must be a string or an object" { // only durations are either
		reason = "must be a duration with its unit, such as 800ms, 5s, 10m, 1h30m or 30d"
	}
	if words, found := strings.CutPrefix(reason, "must be one of: "); found {
		if near := openapi.Similar(textAt(doc.Fields, path), strings.Split(words, ", ")); near != nil {
			reason += "; did you mean " + near[0] + "?"
		}
	}
	return problem{path: path, reason: reason}
}

// textAt returns the text at a dotted path, "" where there is none.
func textAt(value any, path string) string {
	for _, name := range strings.Split(path, ".") {
		switch at := value.(type) {
		case map[string]any:
			value = at[name]
		case []any:
			d, ok := parseDecimal(name)
			if !ok {
				return ""
			}
			value, _ = member(at, d)
		}
	}
	text, _ := value.(string)
	return text
}

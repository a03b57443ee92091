package runner

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
)

// feature is one file, and what is to be run of it.
type feature struct {
	evidence.Feature // without scenarios
	scenarios        []*scenario
}

// in is the feature as reports tell of it, by the path of its file. What runs are compared by does not depend on the folder.
func (f *feature) in(folder string) evidence.Feature {
	told := f.Feature
	told.URI = path.Join(folder, told.URI)
	return told
}

// scenario is one scenario, or one example of an outline.
type scenario struct {
	evidence.Scenario // its steps without outcome
	args              []steps.Args
	texts             []string
	needs             steps.Needs
	tagged            steps.Needs // what its tags say that it needs
	rules             []string    // of the step that failed
}

// read parses all *.feature files of a file system, sorted by path. Errors name file and line.
func read(files fs.FS, vocabulary *steps.Vocabulary) ([]*feature, error) {
	var names []string
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".feature") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("features: there is no *.feature file")
	}
	slices.Sort(names)
	var all []*feature
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("features: %w", err)
		}
		f, err := parse(name, text, vocabulary)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// parse reads one feature file, which must hold a scenario.
func parse(name string, text []byte, vocabulary *steps.Vocabulary) (*feature, error) {
	next := 0
	id := func() string { next++; return strconv.Itoa(next) }
	doc, err := gherkin.ParseGherkinDocument(bytes.NewReader(text), id)
	if err != nil {
		return nil, notGherkin(name, err)
	}
	if doc.Feature == nil {
		return nil, fmt.Errorf(`%s:1: no scenario in %s: it must begin with "Feature:" and a name, and "Scenario:" and a name below it`, name, name)
	}
	if line, text := misspelt(string(text)); line > 0 {
		return nil, fmt.Errorf(`%s:%d: %q begins no scenario: it must be "Scenario:" and a name`, name, line, text)
	}
	f := &feature{Feature: evidence.Feature{
		URI: name, Name: doc.Feature.Name, Description: dedent(doc.Feature.Description), Line: int(doc.Feature.Location.Line),
		Source: string(text), Capability: capability(name),
	}}
	for _, tag := range doc.Feature.Tags {
		f.Tags = append(f.Tags, tag.Name)
	}
	places := placesOf(doc.Feature)
	seen := map[string]int{}
	for _, pickle := range gherkin.Pickles(*doc, name, id) {
		s := newScenario(f, pickle, places, vocabulary)
		seen[s.ID]++
		if n := seen[s.ID]; n > 1 {
			s.ID = fmt.Sprintf("%s (%d)", s.ID, n)
		}
		f.scenarios = append(f.scenarios, s)
	}
	if len(f.scenarios) == 0 {
		return nil, fmt.Errorf(`%s:%d: no scenario in %s: put "Scenario:" and a name below "Feature:", and steps below that`, name, f.Line, name)
	}
	return f, nil
}

// capability is the folder that a feature lies in, or else the stem of its file.
func capability(name string) string {
	if dir := path.Dir(name); dir != "." {
		return path.Base(dir)
	}
	return strings.TrimSuffix(path.Base(name), ".feature")
}

func dedent(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// place is where a part of a feature is written, and how.
type place struct {
	line    int
	keyword string
	cells   []string // of an example's row
}

// placesOf finds everything that pickles refer to by id.
func placesOf(f *messages.Feature) map[string]place {
	places := map[string]place{}
	note := func(b *messages.Background, s *messages.Scenario) {
		var all []*messages.Step
		if b != nil {
			all = b.Steps
		}
		if s != nil {
			all = s.Steps
			places[s.Id] = place{line: int(s.Location.Line), keyword: s.Keyword}
			for _, examples := range s.Examples {
				for _, row := range examples.TableBody {
					places[row.Id] = place{line: int(row.Location.Line), cells: cells(row.Cells)}
				}
			}
		}
		for _, step := range all {
			places[step.Id] = place{line: int(step.Location.Line), keyword: step.Keyword}
		}
	}
	for _, child := range f.Children {
		note(child.Background, child.Scenario)
		if child.Rule != nil {
			for _, below := range child.Rule.Children {
				note(below.Background, below.Scenario)
			}
		}
	}
	return places
}

func cells(row []*messages.TableCell) []string {
	var texts []string
	for _, cell := range row {
		texts = append(texts, cell.Value)
	}
	return texts
}

func newScenario(f *feature, pickle *messages.Pickle, places map[string]place, vocabulary *steps.Vocabulary) *scenario {
	s := &scenario{Scenario: evidence.Scenario{Name: pickle.Name, Line: places[pickle.AstNodeIds[0]].line}}
	s.ID = f.URI + ": " + pickle.Name
	if len(pickle.AstNodeIds) > 1 {
		row := places[pickle.AstNodeIds[len(pickle.AstNodeIds)-1]]
		s.Line = row.line
		s.ID += " [" + strings.Join(row.cells, ", ") + "]"
		if !slices.ContainsFunc(row.cells, func(cell string) bool { return cell != "" && strings.Contains(pickle.Name, cell) }) {
			s.Name += " [" + strings.Join(row.cells, ", ") + "]"
		}
	}
	for _, tag := range pickle.Tags {
		s.tag(tag.Name)
	}
	for _, step := range pickle.Steps {
		at := places[step.AstNodeIds[0]]
		s.add(step, at, vocabulary)
	}
	return s
}

// tag notes a tag and what it stands for.
func (s *scenario) tag(name string) {
	s.Tags = append(s.Tags, name)
	for _, meant := range []struct {
		prefix string
		set    func(string)
	}{
		{"@psp:", func(v string) { s.PSP = v }},
		{"@flow:", func(v string) { s.Flow = v }},
		{"@assumes:", func(v string) { s.Rules = append(s.Rules, v) }},
		{"@rule:", func(v string) { s.Rules = append(s.Rules, v) }},
	} {
		if value, found := strings.CutPrefix(name, meant.prefix); found {
			meant.set(value)
		}
	}
	s.tagged |= map[string]steps.Needs{
		"@control": steps.NeedsControl, "@webhook": steps.NeedsWebhooks, "@shopper": steps.NeedsShopper,
	}[name]
}

// add notes a step. What its vocabulary needs counts like a tag, so that a feature without tags is judged rightly too; and a
// provider or flow that it names is the scenario's where no tag says another.
func (s *scenario) add(step *messages.PickleStep, at place, vocabulary *steps.Vocabulary) {
	var a steps.Args
	written := ""
	if step.Argument != nil && step.Argument.DataTable != nil {
		for _, row := range step.Argument.DataTable.Rows {
			var texts []string
			for _, cell := range row.Cells {
				texts = append(texts, cell.Value)
			}
			a.Table = append(a.Table, texts)
			written += "| " + strings.Join(texts, " | ") + " |\n"
		}
	}
	if step.Argument != nil && step.Argument.DocString != nil {
		a.Text, a.IsText = step.Argument.DocString.Content, true
		written = `"""` + "\n" + a.Text + "\n" + `"""` + "\n"
	}
	s.Steps = append(s.Steps, evidence.Step{Keyword: at.keyword, Text: step.Text, Line: at.line, Argument: strings.TrimSuffix(written, "\n")})
	s.args, s.texts = append(s.args, a), append(s.texts, step.Text)
	known, values, err := vocabulary.Find(step.Text)
	if err != nil {
		return // it fails when it is run
	}
	s.needs |= known.Needs
	for i, kind := range steps.KindsOf(known.Pattern) {
		if kind == "{psp}" && s.PSP == "" {
			s.PSP = values[i]
		}
		if kind == "{flow}" && s.Flow == "" {
			s.Flow = values[i]
		}
	}
}

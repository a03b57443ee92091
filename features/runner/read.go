package runner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v42"
	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
	"mozartosim/openapi"
)

// feature is one file.
type feature struct {
	evidence.Feature // without scenarios
	scenarios        []*scenario
}

// in is the feature as reports show it, by the path of its file. What runs are compared by does not depend on the folder.
func (f *feature) in(folder string) evidence.Feature {
	shown := f.Feature
	shown.URI = path.Join(folder, shown.URI)
	return shown
}

// scenario is one feature scenario, or one example of an outline.
type scenario struct {
	evidence.Scenario // its steps without outcome
	description       string
	feature           *feature
	tagged            steps.Needs        // what its tags say that it needs
	matched           []*steps.Step      // by Godog, one for each step; nil for a step that no pattern matches
	flows             []string           // that the steps name, as "PAYONE PAYIN"
	rules             []string           // of the step that failed
	ended             bool               // whether nothing more happens to it in this run
	half              *evidence.Scenario // as the run that is resumed left it, begun and not ended; nil = it hadn't begun
}

// needs are those of its tags and of its steps.
func (s *scenario) needs() steps.Needs { return s.tagged | s.stepNeeds() }

func (s *scenario) stepNeeds() (all steps.Needs) {
	for _, step := range s.matched {
		if step != nil {
			all |= step.Needs
		}
	}
	return all
}

// place is where a feature scenario is written: Godog's pickles know no more of it.
type place struct {
	uri  string
	line int
}

func placeOf(pickle *godog.Scenario) place { return place{pickle.Uri, int(pickle.Location.Line)} }

// unmarked is a file system whose files begin after the byte order mark that some editors write, and that the parser does not know.
type unmarked struct{ fs.FS }

func (u unmarked) Open(name string) (fs.File, error) {
	file, err := u.FS.Open(name)
	if err != nil {
		return nil, err
	}
	begins := make([]byte, len("\ufeff"))
	if n, _ := io.ReadFull(file, begins); string(begins[:n]) == "\ufeff" {
		return file, nil
	}
	_ = file.Close() // nothing was written
	return u.FS.Open(name)
}

// read parses all *.feature files of a file system, sorted by path. Errors name file and line.
func read(files fs.FS) ([]*feature, error) {
	files = unmarked{files}
	names, err := featureFiles(files)
	if err != nil {
		return nil, err
	}
	suite := godog.TestSuite{Options: &godog.Options{FS: files, Paths: names}}
	parsed, err := suite.RetrieveFeatures()
	if err != nil {
		return nil, notGherkin(err)
	}
	var all []*feature
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("features: %w", err)
		}
		dropped := len(parsed) == len(all) || parsed[len(all)].Uri != name // by Godog: it has no scenarios
		language := gherkin.DefaultDialect
		if !dropped {
			language = parsed[len(all)].Feature.Language
		}
		if line, text := misspelt(string(text), gherkin.DialectsBuiltin().GetDialect(language)); line > 0 {
			return nil, fmt.Errorf(`%s:%d: %q begins no scenario: it must be "Scenario:" or "Scenario Outline:", and a name`, name, line, text)
		}
		if dropped {
			return nil, fmt.Errorf(`%s:1: no scenario in %s: it must begin with "Feature:" and a name, and "Scenario:" and a name below it`, name, name)
		}
		document := parsed[len(all)]
		f := newFeature(name, string(text), document.Feature)
		ids := map[string]bool{}
		for _, pickle := range document.Pickles {
			f.add(pickle, document, ids)
		}
		all = append(all, f)
	}
	return all, nil
}

// featureFiles lists the *.feature files of a file system, sorted by path.
func featureFiles(files fs.FS) ([]string, error) {
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
	return names, nil
}

func newFeature(name, text string, parsed *messages.Feature) *feature {
	f := &feature{Feature: evidence.Feature{
		URI: name, Name: parsed.Name, Description: dedent(parsed.Description), Line: int(parsed.Location.Line), Source: text,
		Capability: path.Base(path.Dir(name)),
	}}
	if f.Capability == "." { // a file that lies in no folder
		f.Capability = strings.TrimSuffix(name, ".feature")
	}
	for _, tag := range parsed.Tags {
		f.Tags = append(f.Tags, tag.Name)
	}
	return f
}

func dedent(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// document finds what a pickle refers to by id.
type document interface {
	FindScenario(id string) *messages.Scenario
	FindStep(id string) *messages.Step
	FindExample(id string) (*messages.Examples, *messages.TableRow)
}

// add adds a pickle as a scenario of the feature. ids are those that were given.
func (f *feature) add(pickle *messages.Pickle, written document, ids map[string]bool) {
	s := &scenario{feature: f, Scenario: evidence.Scenario{Name: pickle.Name, Line: int(pickle.Location.Line)}}
	s.description = dedent(written.FindScenario(pickle.AstNodeIds[0]).Description)
	s.ID = f.URI + ": " + pickle.Name
	if _, row := written.FindExample(pickle.AstNodeIds[len(pickle.AstNodeIds)-1]); row != nil {
		var values []string
		for _, cell := range row.Cells {
			values = append(values, cell.Value)
		}
		example := " [" + strings.Join(values, ", ") + "]"
		s.ID += example
		if !slices.ContainsFunc(values, func(value string) bool { return value != "" && strings.Contains(pickle.Name, value) }) {
			s.Name += example
		}
	}
	for id, n := s.ID, 2; ids[s.ID]; n++ { // another may be called so
		s.ID = fmt.Sprintf("%s (%d)", id, n)
	}
	ids[s.ID] = true
	for _, tag := range pickle.Tags {
		s.tag(tag.Name)
	}
	for _, step := range pickle.Steps {
		at := written.FindStep(step.AstNodeIds[0])
		s.Steps = append(s.Steps, evidence.Step{
			Keyword: at.Keyword, Text: step.Text, Line: int(at.Location.Line), Argument: argument(step.Argument), Status: evidence.Skipped,
		})
	}
	f.scenarios = append(f.scenarios, s)
}

// argument is what stands below a step, as it is written.
func argument(below *messages.PickleStepArgument) string {
	switch {
	case below == nil:
		return ""
	case below.DocString != nil:
		return `"""` + "\n" + below.DocString.Content + "\n" + `"""`
	}
	var lines []string
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)
	for _, row := range below.DataTable.Rows {
		line := "|"
		for _, cell := range row.Cells {
			line += " " + escape.Replace(cell.Value) + " |"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// tag notes a tag and what it stands for.
func (s *scenario) tag(name string) {
	s.Tags = append(s.Tags, name)
	switch key, value, _ := strings.Cut(name, ":"); key {
	case "@psp":
		s.PSP = value
	case "@flow":
		s.Flow = value
	case "@assumes", "@rule":
		s.Rules = append(s.Rules, value)
	case "@control":
		s.tagged |= steps.NeedsControl
	case "@webhook":
		s.tagged |= steps.NeedsWebhooks
	case "@shopper":
		s.tagged |= steps.NeedsShopper
	}
}

// parserError is one of the parser's complaints, which begins with its position.
var parserError = regexp.MustCompile(`(?m)^\((\d+):(\d+)\): `)

// notGherkin puts the parser's complaints about a file into one line, each with file, line and column.
func notGherkin(err error) error {
	name, complaints, found := strings.Cut(err.Error(), " - Parser errors:\n")
	if !found {
		return fmt.Errorf("features: %w", err)
	}
	complaints = parserError.ReplaceAllString(strings.TrimSpace(complaints), name+":$1:$2: ")
	return errors.New(strings.ReplaceAll(complaints, "\n", "; "))
}

// almostScenario is a line that was meant to begin a scenario: the parser takes it for description and passes over it.
var almostScenario = regexp.MustCompile(`(?i)^\s*((sc[a-z]{3,9})( outline| template)?):`)

// misspelt finds the first line whose keyword is almost one of scenarios, or of their examples, but none of the language's; 0 when there is
// none. Doc strings and comments may contain anything.
func misspelt(text string, language *gherkin.Dialect) (line int, found string) {
	keywords, fence := slices.Concat(language.ScenarioKeywords(), language.ScenarioOutlineKeywords(), language.ExamplesKeywords()), ""
	for i, l := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(l)
		switch fenced := strings.HasPrefix(trimmed, `"""`) || strings.HasPrefix(trimmed, "```"); {
		case fenced && fence == "":
			fence = trimmed[:3]
		case fenced && trimmed[:3] == fence:
			fence = ""
		}
		keyword := almostScenario.FindStringSubmatch(l)
		if fence == "" && keyword != nil && !slices.Contains(keywords, keyword[1]) && openapi.Similar(keyword[2], []string{"Scenario", "Scenarios"}) != nil {
			return i + 1, trimmed
		}
	}
	return 0, ""
}

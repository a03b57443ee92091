package report_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/report"
	"mozartosim/features/runner"
)

// stream reads messages as a consumer does: every id must be known before it is used.
type stream struct {
	t        *testing.T
	known    map[string]string // id → kind
	texts    map[string]string // pickle step → its text
	steps    map[string]int    // test case → how many
	open     map[string]string // test case started → test case
	left     map[string]int    // test case started → test steps that have not finished
	order    []string
	outlines int                                        // pickles that are of a row of examples
	statuses map[string][]messages.TestStepResultStatus // test case → its tries' steps, in their order
}

func (s *stream) need(kind string, ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		if s.known[id] != kind {
			s.t.Errorf("id %s is used as a %s, but is a %q", id, kind, s.known[id])
		}
	}
}

func (s *stream) make(kind string, ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		if id == "" || s.known[id] != "" {
			s.t.Errorf("id %q of a %s is empty or taken", id, kind)
		}
		s.known[id] = kind
	}
}

func (s *stream) took(kind string) {
	if len(s.order) == 0 || s.order[len(s.order)-1] != kind {
		s.order = append(s.order, kind)
	}
}

func (s *stream) document(d *messages.GherkinDocument) {
	for _, tag := range d.Feature.Tags {
		s.make("tag", tag.Id)
	}
	for _, child := range d.Feature.Children {
		if child.Background != nil {
			s.make("background", child.Background.Id)
			for _, step := range child.Background.Steps {
				s.make("step", step.Id)
			}
			continue
		}
		s.make("scenario", child.Scenario.Id)
		for _, tag := range child.Scenario.Tags {
			s.make("tag", tag.Id)
		}
		for _, step := range child.Scenario.Steps {
			s.make("step", step.Id)
		}
		for _, examples := range child.Scenario.Examples {
			for _, tag := range examples.Tags {
				s.make("tag", tag.Id)
			}
			for _, row := range examples.TableBody {
				s.make("row", row.Id)
			}
		}
	}
}

func (s *stream) pickle(p *messages.Pickle) {
	s.make("pickle", p.Id)
	s.need("scenario", p.AstNodeIds[0])
	s.need("row", p.AstNodeIds[1:]...)
	s.outlines += len(p.AstNodeIds) - 1
	for _, tag := range p.Tags {
		s.need("tag", tag.AstNodeId)
	}
	for _, step := range p.Steps {
		s.make("pickle step", step.Id)
		s.need("step", step.AstNodeIds[0])
		s.need("row", step.AstNodeIds[1:]...)
		s.texts[step.Id] = step.Text
	}
}

func (s *stream) testCase(c *messages.TestCase) {
	s.make("test case", c.Id)
	s.need("pickle", c.PickleId)
	s.steps[c.Id] = len(c.TestSteps)
	for _, step := range c.TestSteps {
		s.make("test step", step.Id)
		if step.HookId != "" {
			s.need("hook", step.HookId)
			continue
		}
		s.need("pickle step", step.PickleStepId)
		s.need("step definition", step.StepDefinitionIds...)
		text := s.texts[step.PickleStepId]
		for _, list := range step.StepMatchArgumentsLists {
			for _, argument := range list.StepMatchArguments {
				if g := argument.Group; !strings.HasPrefix(text[g.Start:], g.Value) {
					s.t.Errorf("%q has no %q at %d", text, g.Value, g.Start)
				}
			}
		}
	}
}

func (s *stream) read(e *messages.Envelope) {
	switch {
	case e.Meta != nil:
		s.took("meta")
	case e.Source != nil:
		s.took("source")
	case e.GherkinDocument != nil:
		s.took("document")
		s.document(e.GherkinDocument)
	case e.Pickle != nil:
		s.took("pickle")
		s.pickle(e.Pickle)
	case e.ParameterType != nil:
		s.make("parameter type", e.ParameterType.Id)
	case e.StepDefinition != nil:
		s.make("step definition", e.StepDefinition.Id)
	case e.Hook != nil:
		s.make("hook", e.Hook.Id)
	case e.TestCase != nil:
		s.took("test case")
		s.testCase(e.TestCase)
	case e.TestRunStarted != nil:
		s.took("run started")
	case e.TestCaseStarted != nil:
		s.make("test case started", e.TestCaseStarted.Id)
		s.need("test case", e.TestCaseStarted.TestCaseId)
		s.open[e.TestCaseStarted.Id] = e.TestCaseStarted.TestCaseId
		s.left[e.TestCaseStarted.Id] = s.steps[e.TestCaseStarted.TestCaseId]
	case e.TestStepStarted != nil:
		s.need("test step", e.TestStepStarted.TestStepId)
		s.need("test case started", e.TestStepStarted.TestCaseStartedId)
	case e.Attachment != nil:
		s.need("test case started", e.Attachment.TestCaseStartedId)
	case e.TestStepFinished != nil:
		s.need("test step", e.TestStepFinished.TestStepId)
		s.left[e.TestStepFinished.TestCaseStartedId]--
		c := s.open[e.TestStepFinished.TestCaseStartedId]
		s.statuses[c] = append(s.statuses[c], e.TestStepFinished.TestStepResult.Status)
	case e.TestCaseFinished != nil:
	case e.TestRunFinished != nil:
		s.took("run finished")
	default:
		s.t.Errorf("an empty envelope")
	}
}

// required reports what a message lacks that the schema, of which the types are made, requires: no null, no empty word of a fixed set.
func required(t *testing.T, where string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			required(t, where, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			required(t, where, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field, value := v.Type().Field(i), v.Field(i)
			name := where + "." + field.Name
			word := value.Kind() == reflect.String && value.Type() != reflect.TypeFor[string]()
			if !strings.HasSuffix(field.Tag.Get("json"), ",omitempty") {
				if k := value.Kind(); (k == reflect.Pointer || k == reflect.Slice) && value.IsNil() || word && value.Len() == 0 {
					t.Errorf("%s is required, and is missing", name)
				}
			}
			required(t, name, value)
		}
	}
}

// readStream reads the messages of a run, each checked by itself and against those before it.
func readStream(t *testing.T, run *evidence.Run) *stream {
	t.Helper()
	s := &stream{
		t: t, known: map[string]string{}, texts: map[string]string{}, steps: map[string]int{}, open: map[string]string{}, left: map[string]int{},
		statuses: map[string][]messages.TestStepResultStatus{},
	}
	dec := json.NewDecoder(strings.NewReader(write(t, "messages", run, report.Options{})))
	dec.DisallowUnknownFields()
	for {
		var e messages.Envelope
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		required(t, "Envelope", reflect.ValueOf(e))
		s.read(&e)
	}
	for id, left := range s.left {
		if left != 0 {
			t.Errorf("%s has %d steps that did not finish", id, left)
		}
	}
	return s
}

// Messages come in an order in which every id is known before it is used, each test step finishes once in every try, and every try
// tells how its steps went.
func TestMessagesShape(t *testing.T) {
	t.Parallel()
	s := readStream(t, sample())
	want := "meta source document pickle source document pickle test case run started run finished"
	if got := strings.Join(s.order, " "); got != want {
		t.Errorf("the order is %s\nwant %s", got, want)
	}
	tries := map[string]int{}
	for _, all := range s.statuses {
		var words []string
		for _, status := range all {
			words = append(words, string(status))
		}
		tries[strings.Join(words, " ")]++
	}
	if tries["PASSED FAILED SKIPPED PASSED PASSED PASSED"] != 1 || tries["UNDEFINED"] != 1 || tries["PASSED FAILED SKIPPED"] != 1 {
		t.Errorf("the steps went %v", tries)
	}
	readStream(t, certified())
}

// The documents are those of the files: outlines with their examples, backgrounds, and for each step the definition that it is matched by.
func TestMessagesOfFeatures(t *testing.T) {
	t.Parallel()
	files, err := fs.Sub(features.All(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := runner.List(files)
	if err != nil {
		t.Fatal(err)
	}
	run := &evidence.Run{Kind: "contract"}
	steps := 0
	for i, l := range listed {
		l.Status = evidence.Failed
		if i == 0 || run.Features[len(run.Features)-1].URI != l.Feature.URI {
			run.Features = append(run.Features, l.Feature)
		}
		f := &run.Features[len(run.Features)-1]
		f.Scenarios = append(f.Scenarios, l.Scenario)
		steps += len(l.Steps)
	}
	s := readStream(t, run)
	if s.outlines == 0 || len(s.texts) != steps {
		t.Errorf("%d pickles of outlines; %d steps of %d", s.outlines, len(s.texts), steps)
	}
	text := write(t, "messages", run, report.Options{})
	for _, want := range []string{
		`"pattern":{"source":"a valid {psp} {flow} request","type":"CUCUMBER_EXPRESSION"}`, `"sourceReference":{"uri":"features/steps/request.go"`,
		`"keyword":"Scenario Outline"`, `"parameterTypeName":"psp"`, `{"parameterType":{`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the messages lack %s", want)
		}
	}
	run.Features[0].Scenarios[0].Line++ // as if the file had changed after it was read
	if err := report.Write("messages", io.Discard, run, report.Options{}); err == nil || !strings.Contains(err.Error(), "is not that of the scenario") {
		t.Errorf("another file's scenario: %v", err)
	}
}

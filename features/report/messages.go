package report

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strconv"
	"time"

	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features/evidence"
)

// protocol is the version of Cucumber messages that the envelopes follow.
const protocol = "34.2.0"

// envelopes makes Cucumber messages of a run, one JSON object a line, in the order that their readers want: meta, then source,
// document and pickles of each feature, step definition and hook, test cases, the run itself.
type envelopes struct {
	enc   *json.Encoder
	err   error
	count int       // ids are numbers from 1
	now   time.Time // moves on with every step
	def   string    // the one step definition: evidence doesn't tell which function ran
	hook  string    // stands for what happens outside of steps
	cases []testCase
}

// testCase is a scenario and the ids under which the parts of a message stream name it.
type testCase struct {
	scenario evidence.Scenario
	id       string
	steps    []string // ids of test steps; of the hook last where there is one
	hook     bool
}

func writeMessages(out *bytes.Buffer, run *evidence.Run, _ Options) error {
	m := &envelopes{enc: json.NewEncoder(out), now: run.Started}
	m.enc.SetEscapeHTML(false)
	m.write(&messages.Envelope{Meta: &messages.Meta{
		ProtocolVersion: protocol,
		Implementation:  &messages.Product{Name: "mozartosim", Version: run.Tool},
		Runtime:         &messages.Product{Name: "go"},
		Os:              &messages.Product{Name: runtime.GOOS},
		Cpu:             &messages.Product{Name: runtime.GOARCH},
	}})
	m.def, m.hook = m.id(), m.id()
	var prepared []prepared
	for _, f := range run.Features {
		prepared = append(prepared, m.feature(f)...)
	}
	reference := &messages.SourceReference{Uri: "features/steps"}
	m.write(&messages.Envelope{StepDefinition: &messages.StepDefinition{
		Id: m.def, SourceReference: reference,
		Pattern: &messages.StepDefinitionPattern{Source: ".*", Type: messages.StepDefinitionPatternType_REGULAR_EXPRESSION},
	}})
	m.write(&messages.Envelope{Hook: &messages.Hook{Id: m.hook, Name: "runner", SourceReference: reference}})
	for _, p := range prepared {
		m.testCase(p)
	}
	m.write(&messages.Envelope{TestRunStarted: &messages.TestRunStarted{Timestamp: m.stamp()}})
	for _, c := range m.cases {
		m.run(c)
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
func (m *envelopes) testCase(p prepared) {
	s := p.scenario
	c := testCase{scenario: s, id: m.id(), hook: failed(s) && failedStep(s) == nil || s.Status == evidence.NotRun && len(s.Steps) == 0}
	var steps []*messages.TestStep
	for i, step := range s.Steps {
		id := m.id()
		c.steps = append(c.steps, id)
		definitions := []string{m.def}
		if step.Status == evidence.Undefined {
			definitions = nil
		}
		steps = append(steps, &messages.TestStep{Id: id, PickleStepId: p.steps[i], StepDefinitionIds: definitions})
	}
	if c.hook {
		id := m.id()
		c.steps = append(c.steps, id)
		steps = append(steps, &messages.TestStep{Id: id, HookId: m.hook})
	}
	if steps == nil {
		steps = []*messages.TestStep{}
	}
	m.cases = append(m.cases, c)
	m.write(&messages.Envelope{TestCase: &messages.TestCase{Id: c.id, PickleId: p.pickle, TestSteps: steps}})
}

// run tells how a test case went, try by try. Of the tries before the last only the reason is known.
func (m *envelopes) run(c testCase) {
	for attempt, reason := range c.scenario.Earlier {
		m.attempt(c, int64(attempt), true, func(i int) *messages.TestStepResult {
			result := &messages.TestStepResult{Duration: duration(0), Status: messages.TestStepResultStatus_UNKNOWN}
			if i == 0 {
				result.Message = reason
			}
			return result
		})
	}
	m.attempt(c, int64(len(c.scenario.Earlier)), false, func(i int) *messages.TestStepResult { return stepResult(c, i) })
}

func (m *envelopes) attempt(c testCase, number int64, again bool, result func(step int) *messages.TestStepResult) {
	started := m.id()
	m.write(&messages.Envelope{TestCaseStarted: &messages.TestCaseStarted{Attempt: number, Id: started, TestCaseId: c.id, Timestamp: m.stamp()}})
	for i, id := range c.steps {
		m.write(&messages.Envelope{TestStepStarted: &messages.TestStepStarted{TestCaseStartedId: started, TestStepId: id, Timestamp: m.stamp()}})
		if !again && failed(c.scenario) {
			m.attachments(c, started, id, i)
		}
		r := result(i)
		m.now = m.now.Add(time.Duration(r.Duration.Seconds)*time.Second + time.Duration(r.Duration.Nanos))
		m.write(&messages.Envelope{TestStepFinished: &messages.TestStepFinished{
			TestCaseStartedId: started, TestStepId: id, TestStepResult: r, Timestamp: m.stamp(),
		}})
	}
	m.write(&messages.Envelope{TestCaseFinished: &messages.TestCaseFinished{
		TestCaseStartedId: started, Timestamp: m.stamp(), WillBeRetried: again,
	}})
}

func (m *envelopes) attachments(c testCase, started, step string, i int) {
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

// stepResult is how a test step went in the last try.
func stepResult(c testCase, i int) *messages.TestStepResult {
	s := c.scenario
	if i >= len(s.Steps) { // the hook
		if s.Status == evidence.NotRun {
			return &messages.TestStepResult{Duration: duration(0), Status: messages.TestStepResultStatus_SKIPPED, Message: notRunReason(s)}
		}
		return &messages.TestStepResult{Duration: duration(0), Status: messages.TestStepResultStatus_FAILED, Message: headline(s)}
	}
	step := s.Steps[i]
	result := &messages.TestStepResult{Duration: duration(step.Took), Message: step.Error}
	switch {
	case s.Status == evidence.NotRun:
		result.Status = messages.TestStepResultStatus_SKIPPED
		if i == 0 {
			result.Message = notRunReason(s)
		}
	case step.Status == evidence.Passed:
		result.Status = messages.TestStepResultStatus_PASSED
	case step.Status == evidence.Failed:
		result.Status = messages.TestStepResultStatus_FAILED
	case step.Status == evidence.Undefined:
		result.Status = messages.TestStepResultStatus_UNDEFINED
	default:
		result.Status = messages.TestStepResultStatus_SKIPPED
	}
	return result
}

func duration(s evidence.Span) *messages.Duration {
	d := time.Duration(s)
	return &messages.Duration{Seconds: int64(d / time.Second), Nanos: int64(d % time.Second)}
}

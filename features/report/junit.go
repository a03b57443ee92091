package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"mozartosim/features/evidence"
)

// The JUnit XML that CI viewers read: one suite for each feature, one case for each scenario. flakyFailure is
// Surefire's, for the tries before one that passed. encoding/xml replaces the characters that XML does not allow.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	File       string          `xml:"file,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	File      string        `xml:"file,attr,omitempty"`
	Line      int           `xml:"line,attr,omitempty"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitResult  `xml:"skipped"` // has a message alone
	Failure   *junitResult  `xml:"failure"`
	Flaky     []junitResult `xml:"flakyFailure"` // one for each try that failed before one passed
	SystemOut string        `xml:"system-out,omitempty"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func writeJUnit(out *bytes.Buffer, run *evidence.Run) error {
	c := run.Count()
	all := junitSuites{
		Name: title(run), Tests: c.Passed + c.Failed + c.NotRun, Failures: c.Failed, Skipped: c.NotRun, Time: seconds(run.Took),
	}
	for _, f := range run.Features {
		all.Suites = append(all.Suites, junitFeature(run, f))
	}
	out.WriteString(xml.Header)
	enc := xml.NewEncoder(out)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	out.WriteByte('\n')
	return nil
}

func junitFeature(run *evidence.Run, f evidence.Feature) junitSuite {
	suite := junitSuite{
		Name: f.Name, Tests: len(f.Scenarios), File: f.URI,
		Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"target", run.Target}, {"kind", run.Kind}, {"contract", run.Contract}, {"capability", capabilityOf(f)},
		},
	}
	var total evidence.Span
	own := names(f)
	for i, s := range f.Scenarios {
		total += s.Took
		c := junitCase{Name: own[i], ClassName: capabilityOf(f) + "." + f.Name, File: f.URI, Line: s.Line, Time: seconds(s.Took)}
		switch {
		case s.Status == evidence.NotRun:
			suite.Skipped++
			c.Skipped = &junitResult{Message: notRunReason(s)}
		case failed(s):
			suite.Failures++
			c.Failure = &junitResult{Message: headline(s), Type: string(s.Status), Text: detail(s)}
			if step := failedStep(s); step != nil {
				c.Failure.Type = string(step.Status) // undefined is another kind of failure
			}
		case flaky(s):
			for _, earlier := range s.Earlier {
				c.Flaky = append(c.Flaky, junitResult{Message: firstLine(earlier), Type: string(evidence.Failed), Text: plain(earlier)})
			}
			c.SystemOut = detail(s)
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Time = seconds(total)
	return suite
}

func seconds(s evidence.Span) string { return fmt.Sprintf("%.3f", time.Duration(s).Seconds()) }

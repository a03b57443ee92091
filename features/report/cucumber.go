package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"mozartosim/features/evidence"
)

// Cucumber JSON, as cucumber-jvm and godog write it and as its viewers read it: a list of features.
type cukeFeature struct {
	URI         string        `json:"uri"`
	ID          string        `json:"id"`
	Keyword     string        `json:"keyword"`
	Name        string        `json:"name"`
	Description string        `json:"description"`
	Line        int           `json:"line"`
	Tags        []cukeTag     `json:"tags"`
	Elements    []cukeElement `json:"elements"`
}

type cukeTag struct {
	Name string `json:"name"`
	Line int    `json:"line"`
}

type cukeElement struct {
	ID          string        `json:"id"`
	Keyword     string        `json:"keyword"`
	Type        string        `json:"type"`
	Name        string        `json:"name"`
	Description string        `json:"description"`
	Line        int           `json:"line"`
	Tags        []cukeTag     `json:"tags"`
	Steps       []cukeStep    `json:"steps"`
	After       []cukeOutcome `json:"after,omitempty"`
}

type cukeStep struct {
	Keyword string `json:"keyword"`
	Name    string `json:"name"`
	Line    int    `json:"line"`
	cukeOutcome
	DocString  *cukeDocString        `json:"doc_string,omitempty"`
	Rows       []map[string][]string `json:"rows,omitempty"` // each has cells
	Embeddings []cukeEmbedding       `json:"embeddings,omitempty"`
}

// cukeOutcome is how a step went; of the hook after the steps there is no more.
type cukeOutcome struct {
	Match struct {
		Location string `json:"location"`
	} `json:"match"`
	Result struct {
		Status   string `json:"status"`
		Duration *int64 `json:"duration,omitempty"` // nanoseconds
		Error    string `json:"error_message,omitempty"`
	} `json:"result"`
}

func newOutcome(location, status, reason string) (o cukeOutcome) {
	o.Match.Location, o.Result.Status, o.Result.Error = location, status, reason
	return o
}

type cukeDocString struct {
	Value       string `json:"value"`
	ContentType string `json:"content_type"`
	Line        int    `json:"line"`
}

type cukeEmbedding struct {
	Name     string `json:"name"`
	MimeType string `json:"mime_type"`
	Data     string `json:"data"` // base64
}

func writeCucumber(out *bytes.Buffer, run *evidence.Run) error {
	all := make([]cukeFeature, 0, len(run.Features))
	for _, f := range run.Features {
		all = append(all, cukeOf(f))
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

func cukeOf(f evidence.Feature) cukeFeature {
	cuke := cukeFeature{
		URI: f.URI, ID: slug(f.Name), Keyword: "Feature", Name: f.Name, Description: f.Description, Line: max(f.Line, 1),
		Tags: cukeTags(f.Tags, f.Line), Elements: make([]cukeElement, 0, len(f.Scenarios)),
	}
	own := names(f)
	for i, s := range f.Scenarios {
		cuke.Elements = append(cuke.Elements, cukeScenario(f, s, own[i]))
	}
	return cuke
}

func cukeScenario(f evidence.Feature, s evidence.Scenario, name string) cukeElement {
	element := cukeElement{
		ID: slug(f.Name) + ";" + slug(name), Keyword: "Scenario", Type: "scenario", Name: s.Name, Line: max(s.Line, 1),
		Tags: cukeTags(s.Tags, s.Line), Steps: make([]cukeStep, 0, len(s.Steps)),
	}
	if s.Status == evidence.NotRun {
		element.Description = "Not run: " + notRunReason(s)
		if len(s.Steps) == 0 { // a viewer would take a scenario without steps for one that passed
			element.Steps = append(element.Steps, cukeStep{
				Keyword: "* ", Name: element.Description, Line: element.Line, cukeOutcome: newOutcome(at(f, s.Line), "skipped", ""),
			})
		}
	}
	for i, step := range s.Steps {
		element.Steps = append(element.Steps, cukeStepOf(f, s, i, step))
	}
	if failed(s) && failedStep(s) == nil {
		element.After = []cukeOutcome{newOutcome(at(f, s.Line), "failed", headline(s))}
	}
	return element
}

func cukeStepOf(f evidence.Feature, s evidence.Scenario, i int, step evidence.Step) cukeStep {
	cuke := cukeStep{
		Keyword: step.Keyword, Name: step.Text, Line: max(step.Line, 1),
		cukeOutcome: newOutcome(at(f, step.Line), string(step.Status), step.Error),
	}
	if s.Status == evidence.NotRun || step.Status == evidence.NotRun {
		cuke.Result.Status = "skipped"
	}
	if ran := step.Status == evidence.Passed || step.Status == evidence.Failed; ran {
		nanoseconds := int64(time.Duration(step.Took))
		cuke.Result.Duration = &nanoseconds
	}
	rows, isTable := tableOf(step.Argument)
	switch {
	case isTable:
		for _, cells := range rows {
			cuke.Rows = append(cuke.Rows, map[string][]string{"cells": cells})
		}
	case step.Argument != "":
		cuke.DocString = &cukeDocString{Value: docStringOf(step.Argument), Line: step.Line + 1}
	}
	if failed(s) {
		for _, e := range s.Exchanges {
			if e.Step == i && !e.Control {
				cuke.Embeddings = append(cuke.Embeddings, cukeEmbedding{
					Name: labelOf(s, e.Label), MimeType: "text/plain", Data: base64.StdEncoding.EncodeToString([]byte(exchangeText(s, e))),
				})
			}
		}
	}
	return cuke
}

func cukeTags(tags []string, line int) []cukeTag {
	all := make([]cukeTag, 0, len(tags))
	for _, t := range tags {
		all = append(all, cukeTag{"@" + strings.TrimPrefix(t, "@"), max(line-1, 1)})
	}
	return all
}

// at is a place in a feature file; the feature's name when there is no file, as with the certifier's.
func at(f evidence.Feature, line int) string {
	if f.URI == "" {
		return f.Name
	}
	return fmt.Sprintf("%s:%d", f.URI, max(line, 1))
}

// slug is a name as an id: lower case, a hyphen for each blank, as other Cucumbers do it.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ';' {
			return '-'
		}
		return unicode.ToLower(r)
	}, name)
}

// tableOf reads a step's argument as a table: lines between bars. Escapes are those of Gherkin: \|, \\ and \n.
func tableOf(argument string) (rows [][]string, ok bool) {
	for line := range strings.SplitSeq(strings.TrimSpace(argument), "\n") {
		line = strings.TrimSpace(line)
		if len(line) < 2 || line[0] != '|' || line[len(line)-1] != '|' {
			return nil, false
		}
		rows = append(rows, cells(line[1:]))
	}
	wide := func(row []string) bool { return len(row) != len(rows[0]) }
	return rows, !slices.ContainsFunc(rows, wide)
}

func cells(line string) []string {
	var row []string
	var cell strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && strings.IndexByte(`|\n`, line[i+1]) >= 0:
			i++
			cell.WriteString(map[byte]string{'|': "|", '\\': `\`, 'n': "\n"}[line[i]])
		case c == '|':
			row = append(row, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			cell.WriteByte(c)
		}
	}
	return row
}

// docStringOf is a doc string without its fences, when it was kept with them.
func docStringOf(argument string) string {
	for _, fence := range []string{`"""`, "```"} {
		trimmed := strings.TrimSpace(argument)
		if len(trimmed) >= 2*len(fence) && strings.HasPrefix(trimmed, fence) && strings.HasSuffix(trimmed, fence) {
			inner := strings.TrimSuffix(trimmed, fence)
			_, inner, _ = strings.Cut(inner, "\n")
			return strings.TrimRight(inner, "\n ")
		}
	}
	return argument
}

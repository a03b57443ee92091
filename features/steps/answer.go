package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mozartosim/features/cells"
	"mozartosim/openapi"
)

func answerSucceeds(a *answer) error {
	if a.err != nil || a.status != http.StatusOK || a.doc.Text("status") != "success" || a.doc.Fields["isSuccess"] != true {
		return failed(a.whole(), "expected a success (200, status success, isSuccess true), but %s", a)
	}
	return nil
}

func everyAnswerSucceeds(w *World) error {
	if _, err := w.last(); err != nil {
		return err
	}
	for i, a := range w.answers {
		if err := answerSucceeds(a); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
	}
	return nil
}

func answerHasStatus(a *answer, status int) error {
	if a.status != status {
		return failed(a.whole(), "expected the HTTP status %d, but %s", status, a)
	}
	return nil
}

// answerIsError compares an answer with a status and a message, in the shape of an error.
func answerIsError(w *World, a *answer, status int, message string) error {
	if err := answerHasStatus(a, status); err != nil {
		return err
	}
	for _, want := range [][2]string{{"status", "error"}, {"isSuccess", "false"}, {"message", message}} {
		value, there := openapi.Lookup(a.doc.Fields, want[0])
		if wanted := w.expect(value, there, want[1]); wanted != "" {
			return failed(a.rules(want[0]), "%s; %s", cells.Mismatch("the answer's", want[0], value, there, wanted), a)
		}
	}
	return nil
}

func answerListsErrors(a *answer, t cells.Table) error {
	var want []string
	for _, row := range t {
		want = append(want, strings.Join(row, ", "))
	}
	return errorsAre(a, want...)
}

func answerListsOneError(a *answer, want string) error { return errorsAre(a, want) }
func answerListsNoErrors(a *answer) error              { return errorsAre(a) }

func errorsAre(a *answer, want ...string) error {
	listed, ok := a.doc.Fields["errors"].([]any)
	var seen []string
	for _, e := range listed {
		seen = append(seen, cells.Text(e))
	}
	if ok && slices.Equal(seen, want) {
		return nil
	}
	rules := []string{a.schema() + ".errors"}
	if a.op != nil { // the fields that the complaints begin with
		for _, complaint := range append(want, seen...) {
			field, _, _ := strings.Cut(complaint, " ")
			rules = append(rules, a.op.Schema+"."+field)
		}
		rules = append(rules, a.rules("errors")...)
	}
	return failed(rules, "the answer's errors are %s, expected %s; %s", quotedList(seen), quotedList(want), a)
}

func quotedList(texts []string) string {
	text, _ := json.Marshal(append([]string{}, texts...)) // texts can always be written
	return string(text)
}

func answerHas(w *World, a *answer, t cells.Table) error {
	return w.expectTable("the answer's", a.doc.Fields, t, a.rules)
}

func answerFieldIs(w *World, a *answer, path, cell string) error {
	return answerHas(w, a, cells.Table{{path, cell}})
}

func answerFieldAbsent(w *World, a *answer, path string) error {
	return answerFieldIs(w, a, path, "(absent)")
}

// answerMeetsContract validates the whole answer against the contract's schema for it.
func answerMeetsContract(w *World, a *answer) error {
	if a.err != nil || a.doc.Fields == nil {
		return failed(a.whole(), "expected an answer in JSON, but %s", a)
	}
	schema := a.schema()
	problems := w.env.Contract.Problems(schema, a.doc)
	if problems == nil {
		return nil
	}
	var rules []string
	for _, p := range problems {
		rules = append(rules, schema+"."+p.Path)
	}
	return failed(rules, "the answer breaks %s of the contract: %s; %s", schema, strings.Join(problems.Texts(), "; "), a)
}

// answerMeetsSchema validates the answer against any schema.
func answerMeetsSchema(w *World, a *answer, schema string) error {
	if !w.env.Contract.HasSchema(schema) {
		return fmt.Errorf("the contract has no schema %s", schema)
	}
	if problems := w.env.Contract.Problems(schema, a.doc); problems != nil {
		return failed([]string{schema}, "the answer breaks %s of the contract: %s", schema, strings.Join(problems.Texts(), "; "))
	}
	return nil
}

// pageURL is where the answer sends the shopper: it stands where the contract says.
func (a *answer) pageURL() (*url.URL, error) {
	if a.op == nil || a.op.Redirect == "" {
		return nil, errors.New("the contract knows no redirect field for this request")
	}
	value, there := openapi.Lookup(a.doc.Fields, a.op.Redirect)
	if cells.Refer(nil).Expect(value, there, "<url>") == "" {
		if to, err := url.Parse(cells.Text(value)); err == nil {
			return to, nil
		}
	}
	return nil, failed(a.rules(a.op.Redirect), "%s; %s", cells.Mismatch("the answer's", a.op.Redirect, value, there, "the URL of the provider's page"), a)
}

func answerRedirects(a *answer) error {
	_, err := a.pageURL()
	return err
}

func answerDoesNotRedirect(w *World, a *answer) error {
	for _, op := range w.env.Contract.Operations() { // in none of the fields in which some provider's answer does
		if value, there := openapi.Lookup(a.doc.Fields, op.Redirect); there && value != nil {
			return failed(a.rules(op.Redirect), "the answer has a redirect URL in %s, expected none; %s", op.Redirect, a)
		}
	}
	return nil
}

func answerHasHeader(w *World, a *answer, name, cell string) error {
	return w.expectText("the answer's header", name, a.header.Get(name), cell)
}

func answerIsNoJSON(a *answer) error {
	if a.status == 0 || a.doc.Fields != nil {
		return failed(nil, "expected an answer that is no JSON, but %s", a)
	}
	return nil
}

func answerContains(a *answer, text string) error {
	if !strings.Contains(string(a.body), text) {
		return failed(a.whole(), "expected %q in the answer's body, but %s", text, a)
	}
	return nil
}

func noAnswer(a *answer) error {
	if a.status != 0 {
		return failed(nil, "expected that the connection ends without an answer, but %s", a)
	}
	return nil
}

func answerBreaksOff(a *answer) error {
	if a.status == 0 || !errors.Is(a.err, io.ErrUnexpectedEOF) {
		return failed(nil, "expected an answer that breaks off, but %s", a)
	}
	return nil
}

func answersDiffer(w *World, path string) error { return compareAnswers(w, path, false) }
func answersAgree(w *World, path string) error  { return compareAnswers(w, path, true) }

// compareAnswers looks at a field of all answers of the scenario.
func compareAnswers(w *World, path string, same bool) error {
	seen := map[string]int{}
	for i, a := range w.answers {
		value, there := openapi.Lookup(a.doc.Fields, path)
		if !there {
			return failed(a.rules(path), "answer %d has no %s; %s", i+1, path, a)
		}
		text := cells.Text(value)
		if before, twice := seen[text]; twice && !same {
			return failed(a.rules(path), "answers %d and %d have the same %s, %q", before, i+1, path, text)
		}
		seen[text] = i + 1
	}
	if same && len(seen) > 1 {
		return failed(w.answers[0].rules(path), "the answers' %s differ", path)
	}
	if len(w.answers) < 2 {
		return errors.New("there are not two answers to compare")
	}
	return nil
}

// keepField keeps a value of the answer, for <kept.NAME>.
func keepField(w *World, a *answer, path, name string) error {
	value, there := openapi.Lookup(a.doc.Fields, path)
	if !there {
		return failed(a.rules(path), "the answer has no %s to keep; %s", path, a)
	}
	w.kept[name] = value
	return nil
}

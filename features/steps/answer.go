package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// schema names the contract's schema for an answer: the operation's own, or the error's shape.
func (a *answer) schema() string {
	switch {
	case a.status == http.StatusOK && a.op != nil:
		return a.op.Answer
	case a.doc.Has("errorCode"):
		return "TransportError"
	case a.doc.Has("data"):
		return "ErrorWithData"
	}
	return "Error"
}

// rules names the ledger's entries about a field of the answer, the nearest first.
func (a *answer) rules(path string) []string {
	found := []string{a.schema() + "." + path}
	if a.status != http.StatusOK && a.op != nil { // a refusal is about the request's rules
		for _, r := range a.op.Rules {
			found = append(found, a.op.Schema+"/"+r.Name)
		}
	}
	return found
}

// whole names the ledger's entries about an answer as such.
func (a *answer) whole() []string {
	return []string{a.schema(), "POST " + openapi.CashierPath}
}

// summary shows an answer in a line.
func (w *World) summary(a *answer) string {
	switch {
	case a.status == 0:
		return fmt.Sprintf("there was no answer: %v", a.err)
	case a.err != nil:
		return fmt.Sprintf("the answer %d broke off (%v) behind %q", a.status, a.err, clip(string(a.body)))
	}
	return fmt.Sprintf("the answer was %d %s", a.status, clip(w.env.Masker.Body(a.body)))
}

func answerSucceeds(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	held := a.err == nil && a.status == http.StatusOK && a.doc.Text("status") == "success" && a.doc.Fields["isSuccess"] == true
	if !held {
		return failed(a.whole(), "expected a success (200, status success, isSuccess true), but %s", w.summary(a))
	}
	return nil
}

func everyAnswerSucceeds(w *World, _ Args) error {
	all := w.answers
	defer func() { w.answers = all }()
	for i := range all {
		w.answers = all[:i+1]
		if err := answerSucceeds(w, Args{}); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
	}
	return nil
}

func answerHasStatus(w *World, a Args) error {
	last, err := w.last()
	if err != nil {
		return err
	}
	if last.status != a.Int(0) {
		return failed(last.whole(), "expected the HTTP status %s, but %s", a.Values[0], w.summary(last))
	}
	return nil
}

// answerRefuses holds an answer against a status and a message, in the shape of an error.
func answerRefuses(w *World, a Args) error {
	if err := answerHasStatus(w, a); err != nil {
		return err
	}
	last, _ := w.last() // answerHasStatus has seen it
	for _, want := range [][2]string{{"status", "error"}, {"isSuccess", "false"}, {"message", a.Values[1]}} {
		value, there := lookup(last.doc.Fields, want[0])
		if wanted := w.expect(value, there, want[1]); wanted != "" {
			return failed(last.rules(want[0]), "%s; %s", mismatch("the answer's", want[0], value, there, wanted), w.summary(last))
		}
	}
	return nil
}

func answerListsErrors(w *World, a Args) error {
	var want []string
	for _, row := range a.Table {
		want = append(want, strings.Join(row, ", "))
	}
	return w.errorsAre(want)
}

func answerListsOneError(w *World, a Args) error { return w.errorsAre([]string{a.Values[0]}) }
func answerListsNoErrors(w *World, _ Args) error { return w.errorsAre([]string{}) }

func (w *World) errorsAre(want []string) error {
	last, err := w.last()
	if err != nil {
		return err
	}
	listed, ok := last.doc.Fields["errors"].([]any)
	seen := []string{}
	for _, e := range listed {
		seen = append(seen, shown(e))
	}
	if !ok || !slices.Equal(seen, want) {
		return failed(w.concerned(last, append(want, seen...)), "the answer's errors are %s, expected %s; %s", quotedList(seen), quotedList(want), w.summary(last))
	}
	return nil
}

// concerned names the ledger's entries of the request's fields that complaints begin with.
func (w *World) concerned(a *answer, complaints []string) []string {
	rules := []string{a.schema() + ".errors"}
	if a.op == nil {
		return rules
	}
	for _, complaint := range complaints {
		field, _, _ := strings.Cut(complaint, " ")
		rules = append(rules, a.op.Schema+"."+field)
	}
	return append(rules, a.rules("errors")...)
}

func quotedList(texts []string) string {
	text, _ := json.Marshal(texts) // texts can always be written
	return string(text)
}

func answerHas(w *World, a Args) error {
	last, err := w.last()
	if err != nil {
		return err
	}
	return w.expectTable("the answer's", last.doc.Fields, a.Table, last.rules)
}

func answerFieldIs(w *World, a Args) error {
	return answerHas(w, Args{Table: [][]string{{a.Values[0], a.Values[1]}}})
}

func answerFieldAbsent(w *World, a Args) error {
	return answerHas(w, Args{Table: [][]string{{a.Values[0], "(absent)"}}})
}

// answerHoldsContract validates the whole answer against the contract's schema for it.
func answerHoldsContract(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if a.err != nil || a.doc.Fields == nil {
		return failed(a.whole(), "expected an answer in JSON, but %s", w.summary(a))
	}
	schema := a.schema()
	problems := w.breaks(schema, a.doc)
	if problems == nil {
		return nil
	}
	rules := []string{}
	for _, p := range problems {
		field, _, _ := strings.Cut(p, " ")
		rules = append(rules, schema+"."+field)
	}
	return failed(rules, "the answer breaks %s of the contract: %s; %s", schema, strings.Join(problems, "; "), w.summary(a))
}

// breaks lists what a document breaks of a schema. A field that may be null is not missing when it is.
func (w *World) breaks(schema string, doc openapi.Document) []string {
	err := w.env.Contract.ValidateAs(schema, doc)
	if err == nil {
		return nil
	}
	problems := slices.DeleteFunc(w.env.Contract.Problems(schema, doc), func(p string) bool {
		field, missing := strings.CutSuffix(p, " must not be missing")
		_, there := lookup(doc.Fields, field)
		return missing && there
	})
	if len(problems) == 0 {
		return []string{err.Error()}
	}
	return problems
}

// answerRedirects looks for the provider's page where the contract says that its URL is.
func answerRedirects(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if a.op == nil || a.op.Redirect == "" {
		return fmt.Errorf("the contract knows no redirect field for this request")
	}
	value, there := lookup(a.doc.Fields, a.op.Redirect)
	if wanted := w.expect(value, there, "<url>"); wanted != "" {
		return failed(a.rules(a.op.Redirect), "%s; %s", mismatch("the answer's", a.op.Redirect, value, there, "the URL of the provider's page"), w.summary(a))
	}
	return nil
}

// redirectFields are all fields in which some provider's answer has the page's URL.
func (w *World) redirectFields() []string {
	var fields []string
	for _, op := range w.env.Contract.Operations() {
		if op.Redirect != "" && !slices.Contains(fields, op.Redirect) {
			fields = append(fields, op.Redirect)
		}
	}
	return fields
}

func answerDoesNotRedirect(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	for _, field := range w.redirectFields() {
		if value, there := lookup(a.doc.Fields, field); there && value != nil {
			return failed(a.rules(field), "the answer has a redirect URL in %s, expected none; %s", field, w.summary(a))
		}
	}
	return nil
}

func answerHasHeader(w *World, a Args) error {
	last, err := w.last()
	if err != nil {
		return err
	}
	value := last.header.Get(a.Values[0])
	if wanted := w.expect(value, value != "", a.Values[1]); wanted != "" {
		return failed(nil, "%s", mismatch("the answer's header", a.Values[0], value, value != "", wanted))
	}
	return nil
}

func answerIsNoJSON(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if a.status == 0 || a.doc.Fields != nil {
		return failed(nil, "expected an answer that is no JSON, but %s", w.summary(a))
	}
	return nil
}

func answerContains(w *World, a Args) error {
	last, err := w.last()
	if err != nil {
		return err
	}
	if !strings.Contains(string(last.body), a.Values[0]) {
		return failed(last.whole(), "expected %q in the answer's body, but %s", a.Values[0], w.summary(last))
	}
	return nil
}

func noAnswer(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if a.status != 0 {
		return failed(nil, "expected that the connection ends without an answer, but %s", w.summary(a))
	}
	return nil
}

func answerBreaksOff(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if a.status == 0 || a.err == nil || !errors.Is(a.err, io.ErrUnexpectedEOF) {
		return failed(nil, "expected an answer that breaks off, but %s", w.summary(a))
	}
	return nil
}

// answersDiffer and answersAgree look at a field of all answers of the scenario.
func answersDiffer(w *World, a Args) error { return w.compareAnswers(a.Values[0], false) }
func answersAgree(w *World, a Args) error  { return w.compareAnswers(a.Values[0], true) }

func (w *World) compareAnswers(path string, same bool) error {
	seen := map[string]int{}
	for i, a := range w.answers {
		value, there := lookup(a.doc.Fields, path)
		if !there {
			return failed(a.rules(path), "answer %d has no %s; %s", i+1, path, w.summary(a))
		}
		text := shown(value)
		if before, twice := seen[text]; twice && !same {
			return failed(a.rules(path), "answers %d and %d have the same %s, %q", before, i+1, path, text)
		}
		seen[text] = i + 1
	}
	if same && len(seen) > 1 {
		return failed(w.answers[0].rules(path), "the answers' %s differ", path)
	}
	if len(w.answers) < 2 {
		return fmt.Errorf("there are not two answers to compare")
	}
	return nil
}

// keepField puts a value of the answer aside, for <kept.NAME>.
func keepField(w *World, a Args) error {
	last, err := w.last()
	if err != nil {
		return err
	}
	value, there := lookup(last.doc.Fields, a.Values[0])
	if !there {
		return failed(last.rules(a.Values[0]), "the answer has no %s to keep; %s", a.Values[0], w.summary(last))
	}
	w.kept[a.Values[1]] = value
	return nil
}

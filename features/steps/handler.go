package steps

import (
	"fmt"
	"net/http"
	"strings"
)

// handlerAnswers programs the merchant's handler: a list of statuses, then 200.
func handlerAnswers(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	var replies []reply
	for _, word := range strings.FieldsFunc(a.Values[0], func(r rune) bool { return r == ',' || r == ' ' }) {
		status := Args{Values: []string{word}}.Int(0)
		if http.StatusText(status) == "" {
			return fmt.Errorf("%q must be HTTP statuses, such as 500, 500, 200", a.Values[0])
		}
		replies = append(replies, reply{status: status})
	}
	c.Mail.program(replies)
	return nil
}

func handlerFails(w *World, a Args) error {
	return handlerAnswers(w, Args{Values: []string{strings.TrimSuffix(strings.Repeat("500, ", a.Int(0)), ", ")}})
}

// verifyUserAnswers programs the merchant's verify-user.
func verifyUserAnswers(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	if c.Shared {
		return &NotRun{"needs a company whose verify-user is the runner's own"}
	}
	c.Mail.programVerify(reply{status: a.Int(0), body: a.Text})
	return nil
}

// verifyUserWasAsked holds the newest verify-user call against a table.
func verifyUserWasAsked(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	asked := c.Mail.verifications()
	if len(asked) == 0 {
		return failed([]string{"verify-user"}, "expected that the merchant's verify-user is asked, but it was not")
	}
	r := asked[len(asked)-1]
	doc := map[string]any{"Authorization": r.Header.Get("Authorization")}
	for name, value := range r.Doc.Fields {
		doc[name] = value
	}
	return w.expectTable("the verify-user call's", doc, a.Table, func(string) []string { return []string{"verify-user"} })
}

func verifyUserWasAskedTimes(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	if asked := c.Mail.verifications(); len(asked) != a.Int(0) {
		return failed([]string{"verify-user", "verify-user-answers"}, "verify-user was asked %d times, expected %s", len(asked), a.Values[0])
	}
	return nil
}

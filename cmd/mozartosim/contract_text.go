package main

import (
	"fmt"
	"io"
	"strings"

	"mozartosim/openapi"
)

// writeShown prints a flow for people.
func writeShown(out io.Writer, s shown) error {
	rows := [][]string{{strings.TrimSpace(s.PSP + " " + s.Type + " " + s.Variant)}}
	rows = append(rows, facts(s)...)
	if err := writeColumns(out, rows); err != nil {
		return err
	}
	if err := writeFields(out, "Request", "required", s.Request); err != nil {
		return err
	}
	rules := [][]string{{"Rules beyond the fields"}}
	for _, r := range s.Rules {
		rules = append(rules, []string{r.Name, string(r.Provenance.Basis), r.Description})
	}
	if err := writeColumns(out, rules); err != nil {
		return err
	}
	if err := writeFields(out, "Answer", "always", s.Answer); err != nil {
		return err
	}
	if s.Webhook != nil {
		if err := writeFields(out, "Webhook", "always", *s.Webhook); err != nil {
			return err
		}
	}
	return writeExamples(out, s)
}

// facts are the few things that a merchant's code depends on most.
func facts(s shown) [][]string {
	user, redirect, webhook := "x-user-token or x-user-authorization", s.Redirect, "the final status comes by it"
	if s.UserToken == "required" {
		user = "x-user-token only"
	}
	if redirect == "" {
		redirect = "none"
	}
	if s.Webhook == nil {
		webhook = "none"
	}
	return [][]string{
		{"call", s.Call},
		{"user", user},
		{"redirect", redirect},
		{"webhook", webhook},
	}
}

func writeFields(out io.Writer, title, present string, s shownSchema) error {
	rows := [][]string{{title + " (" + s.Schema + ")"}, {"field", present, "type", "mark", "a value must"}}
	for _, f := range s.Fields {
		needed := "no"
		if f.Required {
			needed = "yes"
		}
		rows = append(rows, []string{f.Path, needed, f.Type, string(f.Provenance.Basis), demands(f)})
	}
	return writeColumns(out, rows)
}

// demands says what a value must do, with the mark of that where the field itself is better known; or, where the contract
// demands nothing, what the field means.
func demands(f openapi.Field) string {
	var words []string
	switch {
	case len(f.Enum) == 1:
		words = append(words, "be "+f.Enum[0])
	case len(f.Enum) > 1:
		words = append(words, "be one of "+strings.Join(f.Enum, ", "))
	}
	if f.Must != "" {
		words = append(words, f.Must)
	}
	switch {
	case f.MinLength > 1:
		words = append(words, fmt.Sprintf("be at least %d characters", f.MinLength))
	case f.MinLength == 1 && f.Must == "":
		words = append(words, "not be empty")
	}
	if f.MaxLength > 0 {
		words = append(words, fmt.Sprintf("be at most %d characters", f.MaxLength))
	}
	switch {
	case len(words) > 0 && f.Form != nil && f.Form.Basis != f.Provenance.Basis && f.Form.Basis != openapi.Documented:
		return fmt.Sprintf("%s [%s]", strings.Join(words, "; "), f.Form.Basis)
	case len(words) == 0 && f.Description != "":
		return "(" + strings.TrimSuffix(f.Description, ".") + ")"
	}
	return strings.Join(words, "; ")
}

func writeExamples(out io.Writer, s shown) error {
	type example struct {
		title string
		text  []byte
	}
	examples := []example{{"Example request", s.Request.Example}, {"Example answer", s.Answer.Example}}
	if s.Webhook != nil {
		examples = append(examples, example{"Example webhook", s.Webhook.Example})
	}
	for _, e := range examples {
		if _, err := fmt.Fprintf(out, "\n%s\n%s\n", e.title, e.text); err != nil {
			return err
		}
	}
	command := strings.TrimSpace(strings.ToLower(s.PSP + " " + s.Type))
	if s.Variant != "" {
		command += " --variant " + s.Variant
	}
	_, err := fmt.Fprintf(out, "\nTry it: mozartosim contract show %s --curl | sh\n", command)
	return err
}

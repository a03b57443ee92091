package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Problems lists everything that doc breaks, absent required fields first, for people who write a configuration. (The Cashier
// API names only the first absent field, and guesses nothing; see ValidateAs.)
func (c *Contract) Problems(schema string, doc Document) Problems {
	s, err := c.shape(schema)
	if err != nil {
		return Problems{{Reason: err.Error()}}
	}
	return meant(doc.Fields, s.problems("", doc.Fields, s.lacking("", doc.Fields, nil, maxProblems)))
}

// Query validates a query string against an operation's parameters and returns their values, defaults filled in. An empty
// value counts as absent. The error is an *Invalid.
func (c *Contract) Query(method, path string, given url.Values) (map[string]string, error) {
	doc, err := c.document()
	if err != nil {
		return nil, err
	}
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		return nil, fmt.Errorf("the contract has no %s %s", method, path)
	}
	values, names, problems := map[string]string{}, map[string]bool{}, Problems(nil)
	words := map[string][]string{} // the parameters with their values, by a value
	for _, ref := range item.GetOperation(method).Parameters {
		p := ref.Value
		if p.In != openapi3.ParameterInQuery {
			continue
		}
		names[p.Name] = true
		for _, word := range texts(p.Schema.Value.Enum) {
			words[word] = append(words[word], p.Name+"="+word)
		}
		value, reason := queryValue(p, given[p.Name])
		if reason != "" {
			problems = append(problems, Problem{Path: p.Name, Reason: reason})
		}
		values[p.Name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch {
		case names[name]:
		case len(names) == 0:
			problems.Add(name, "must not be set")
		case words[name] != nil: // refused=true
			problems.Add(name, "must not be set; did you mean %s?", strings.Join(words[name], " or "))
		default:
			problems.Add(name, "must not be set: %s", known(name, names))
		}
	}
	if problems != nil {
		return nil, problems.Err()
	}
	return values, nil
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)

// queryValue returns the one value that a parameter has, or the reason why it is wrong.
func queryValue(p *openapi3.Parameter, given []string) (value, reason string) {
	schema := p.Schema.Value
	if len(given) > 1 {
		return "", "must be set only once"
	}
	if len(given) == 0 || given[0] == "" {
		if schema.Default == nil {
			return "", ""
		}
		return fmt.Sprint(schema.Default), ""
	}
	var typed any = given[0]
	switch {
	case schema.Type.Is(openapi3.TypeInteger) && wholeNumber.MatchString(given[0]):
		typed = json.Number(given[0])
	case schema.Type.Is(openapi3.TypeBoolean) && (given[0] == "true" || given[0] == "false"):
		typed = given[0] == "true"
	}
	if err := schema.VisitJSON(typed, formats()); err != nil {
		return "", explain("", err).Reason
	}
	return given[0], ""
}

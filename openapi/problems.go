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
func (c *Contract) Problems(schema string, doc Document) []string {
	s, err := c.shape(schema)
	if err != nil {
		return []string{err.Error()}
	}
	return meant(doc.Fields, s.problems("", doc.Fields, s.lacking("", doc.Fields, nil)))
}

func (s *shape) lacking(prefix string, object map[string]any, found []string) []string {
	for i := range s.fields {
		f := &s.fields[i]
		if len(found) >= maxProblems {
			return found
		}
		value := object[f.name]
		if value == nil && f.required {
			found = append(found, prefix+f.name+" must not be missing")
		}
		for _, child := range f.children(prefix, value) {
			found = child.shape.lacking(child.prefix, child.object, found)
		}
	}
	return found
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
	values, names, problems := map[string]string{}, map[string]bool{}, []string(nil)
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
		value, problem := queryValue(p, given[p.Name])
		if problem != "" {
			problems = append(problems, p.Name+" must "+problem)
		}
		values[p.Name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch {
		case names[name]:
		case len(names) == 0:
			problems = append(problems, name+" must not be set")
		case words[name] != nil: // refused=true
			problems = append(problems, name+" must not be set; did you mean "+strings.Join(words[name], " or ")+"?")
		default:
			problems = append(problems, name+" must not be set: "+known(name, names))
		}
	}
	if problems != nil {
		return nil, &Invalid{Problems: problems}
	}
	return values, nil
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)

// queryValue returns the one value that a parameter has, or what it must do instead.
func queryValue(p *openapi3.Parameter, given []string) (value, problem string) {
	schema := p.Schema.Value
	if len(given) > 1 {
		return "", "be set only once"
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
		return "", strings.TrimPrefix(explain("", err), " must ")
	}
	return given[0], ""
}

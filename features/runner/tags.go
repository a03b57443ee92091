package runner

import (
	"fmt"
	"slices"
	"strings"
)

// tagExpression says of a scenario's tags whether it is meant: @sandbox and not (@slow or @psp:CLEO).
type tagExpression func(tags []string) bool

// parseTags reads a tag expression; "" means every scenario.
func parseTags(text string) (tagExpression, error) {
	p := &tagParser{words: tagWords(text)}
	if len(p.words) == 0 {
		return func([]string) bool { return true }, nil
	}
	all, err := p.or()
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("%q must not follow there", p.words[0])
	}
	if err != nil {
		return nil, fmt.Errorf("tags %q: %w; it must be like \"@sandbox and not (@slow or @psp:CLEO)\"", text, err)
	}
	return all, nil
}

func tagWords(text string) []string {
	return strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))
}

type tagParser struct{ words []string }

// accept takes the next word if it is this one.
func (p *tagParser) accept(word string) bool {
	if len(p.words) == 0 || !strings.EqualFold(p.words[0], word) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *tagParser) or() (tagExpression, error) {
	left, err := p.and()
	for err == nil && p.accept("or") {
		var right tagExpression
		before := left
		if right, err = p.and(); err == nil {
			left = func(tags []string) bool { return before(tags) || right(tags) }
		}
	}
	return left, err
}

func (p *tagParser) and() (tagExpression, error) {
	left, err := p.not()
	for err == nil && p.accept("and") {
		var right tagExpression
		before := left
		if right, err = p.not(); err == nil {
			left = func(tags []string) bool { return before(tags) && right(tags) }
		}
	}
	return left, err
}

func (p *tagParser) not() (tagExpression, error) {
	if p.accept("not") {
		inner, err := p.not()
		return func(tags []string) bool { return !inner(tags) }, err
	}
	if p.accept("(") {
		inner, err := p.or()
		if err == nil && !p.accept(")") {
			err = fmt.Errorf("a ) is missing")
		}
		return inner, err
	}
	if len(p.words) == 0 {
		return nil, fmt.Errorf("it ends too early")
	}
	tag := p.words[0]
	if !strings.HasPrefix(tag, "@") || len(tag) < 2 {
		return nil, fmt.Errorf("%q must be a tag, which begins with @", tag)
	}
	p.words = p.words[1:]
	return func(tags []string) bool { return slices.Contains(tags, tag) }, nil
}

package design_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"mozartosim/simulator/design"
)

// names collects what a pattern's group finds, words of one find apart, in order and each once.
func names(text, pattern string) (all []string) {
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, strings.Fields(found[1])...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// The style sheet's classes and those that the page of components shows are the same.
func TestEveryComponentIsShown(t *testing.T) {
	t.Parallel()
	_, rules, _ := strings.Cut(design.CSS(), "*/")
	styled, shown := names(rules, `\.([a-z][a-z-]*)`), names(design.Examples(), `class="([^"]+)"`)
	for _, name := range styled {
		if !slices.Contains(shown, name) {
			t.Errorf(".%s has a style and no example", name)
		}
	}
	for _, name := range shown {
		if !slices.Contains(styled, name) {
			t.Errorf(".%s is shown without a style", name)
		}
	}
	if len(styled) < 30 {
		t.Errorf("only %d classes were found", len(styled))
	}
}

// Every colour has a value for dark screens, and every token that is used exists.
func TestTokens(t *testing.T) {
	t.Parallel()
	light, rest, _ := strings.Cut(design.CSS(), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "*, ::before")
	defined, again := names(light, `(--[a-z0-9-]+): `), names(dark, `(--[a-z0-9-]+): `)
	for _, name := range names(light, `(--[a-z-]+): #`) {
		if !slices.Contains(again, name) {
			t.Errorf("%s has no colour for dark screens", name)
		}
	}
	for _, name := range names(design.CSS(), `var\((--[a-z0-9-]+)\)`) {
		if !slices.Contains(defined, name) {
			t.Errorf("%s is used and not defined", name)
		}
	}
	if len(defined) < 30 {
		t.Errorf("only %d tokens were found", len(defined))
	}
}

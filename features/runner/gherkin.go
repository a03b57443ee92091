package runner

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// parserError is one of the parser's complaints, which begins with its place.
var parserError = regexp.MustCompile(`(?m)^\((\d+):(\d+)\): `)

// notGherkin puts the parser's complaints into one line, each with file, line and column.
func notGherkin(name string, err error) error {
	says := strings.TrimSpace(strings.TrimPrefix(err.Error(), "Parser errors:\n"))
	if !parserError.MatchString(says) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return errors.New(strings.ReplaceAll(parserError.ReplaceAllString(says, name+":$1:$2: "), "\n", "; "))
}

// almostScenario is a line that was meant to begin a scenario: the parser takes it for description and passes over it.
var almostScenario = regexp.MustCompile(`(?i)^\s*(sc[a-z]{3,9})( outline)?:`)

// misspelt finds the first line whose keyword is almost "Scenario"; 0 when there is none. Texts and comments may say
// anything.
func misspelt(text string) (line int, says string) {
	quoted := false
	for i, l := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(l)
		if strings.HasPrefix(trimmed, `"""`) || strings.HasPrefix(trimmed, "```") {
			quoted = !quoted
		}
		found := almostScenario.FindStringSubmatch(l)
		if quoted || found == nil || found[1] == "Scenario" || found[1] == "Scenarios" || !near(found[1]) {
			continue
		}
		return i + 1, trimmed
	}
	return 0, ""
}

// near says whether a word has at least six of the letters of "scenario", in their order.
func near(word string) bool {
	left, hits := "scenario", 0
	for _, letter := range strings.ToLower(word) {
		if at := strings.IndexRune(left, letter); at >= 0 && at <= 2 {
			left, hits = left[at+1:], hits+1
		}
	}
	return hits >= 6
}

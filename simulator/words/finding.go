package words

import (
	"io"
	"strings"
)

// Level says how bad a finding is.
type Level string

// The levels, from good to bad.
const (
	Fine    Level = "ok"
	Unclear Level = "unclear" // it could not be checked
	Warning Level = "warning" // it works, but probably not as meant
	Problem Level = "problem" // it won't work
)

// Finding is the result of a check.
type Finding struct {
	Check       string `json:"check"` // what was checked, in a word or two
	Level       Level  `json:"level"`
	Description string `json:"description"`
	Fix         string `json:"fix,omitempty"` // what would be right
}

// Finding is a finding of this level.
func (l Level) Finding(check, description, fix string) Finding {
	return Finding{check, l, description, fix}
}

// Findings writes findings as a table, below each how it is fixed. What is fine and leaves something to do is a note.
func Findings(out io.Writer, found []Finding) error {
	var rows [][]string
	for _, f := range found {
		level := f.Level
		if level == Fine && f.Fix != "" {
			level = "note"
		}
		rows = append(rows, []string{strings.ToUpper(string(level)), f.Check, f.Description})
		if f.Fix != "" {
			rows = append(rows, []string{"", "", "→ " + f.Fix})
		}
	}
	return Table(out, rows)
}

// Problems counts the findings because of which something won't work.
func Problems(found []Finding) (n int) {
	for _, f := range found {
		if f.Level == Problem {
			n++
		}
	}
	return n
}

package words

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"mozartosim/simulator/mask"
)

// Width is how wide text for people may get.
const Width = 116

// Table prints rows in aligned columns, one line each, as scripts like it. A row of one cell is a heading with an empty line
// before it.
func Table(out io.Writer, rows [][]string) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if len(row) == 1 {
			fmt.Fprintf(table, "\n%s\n", row[0])
			continue
		}
		for len(row) > 1 && row[len(row)-1] == "" {
			row = row[:len(row)-1] // no spaces at the end of a line
		}
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = mask.Line(cell) // a tab or a line break would begin another cell or line
		}
		fmt.Fprintf(table, "  %s\n", strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// Wrapped is Table for people: the last column is wrapped, so that no line is wider than Width.
func Wrapped(out io.Writer, rows [][]string) error {
	var wrapped [][]string
	margin := marginOf(rows)
	for i, row := range rows {
		last := len(row) - 1
		if last == 0 { // a heading, under which columns are aligned anew
			margin = marginOf(rows[i+1:])
			wrapped = append(wrapped, row)
			continue
		}
		for j, line := range Wrap(row[last], max(Width-margin, 20)) {
			cells := make([]string, len(row))
			if j == 0 {
				copy(cells, row)
			}
			cells[last] = line
			wrapped = append(wrapped, cells)
		}
	}
	return Table(out, wrapped)
}

// marginOf is how far to the right the last column begins in the rows above the next heading.
func marginOf(rows [][]string) int {
	widths := map[int]int{}
	for _, row := range rows {
		if len(row) == 1 {
			break
		}
		for i, cell := range row[:len(row)-1] {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell)+2)
		}
	}
	margin := 2
	for _, width := range widths {
		margin += width
	}
	return margin
}

// Wrap breaks text between words into lines of at most width; a longer word gets a line of its own. There is always one
// line, even if it is empty.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// JSON writes a value as JSON, without escapes for HTML; without an indent as one line, as the admin API does.
func JSON(out io.Writer, value any, indent string) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	return enc.Encode(value)
}

// Indented makes JSON readable; anything else becomes one line.
func Indented(text string) string {
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(text), "", "  ") != nil {
		return mask.Line(text)
	}
	return strings.TrimSpace(pretty.String())
}

// Count writes a number of things: 1 payment, 2 payments; many is where a plural is not made by an s.
func Count(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(many) > 0: // a template passes an empty list
		return fmt.Sprint(n, " ", many[0])
	}
	return fmt.Sprint(n, " ", one, "s")
}

// OneLine returns the beginning of a text in one line.
func OneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}

// HasAll says whether a text has all the words, in any case.
func HasAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			return false
		}
	}
	return true
}

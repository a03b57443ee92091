package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"
)

// textWidth is how wide text output may get.
const textWidth = 116

// writeColumns prints rows in aligned columns; a row of one cell is a heading with an empty line before it. The last
// column is wrapped at textWidth.
func writeColumns(out io.Writer, rows [][]string) error { return writeWithin(out, rows, textWidth) }

// writeLines is writeColumns without the wrapping: one line for each row, as scripts like it.
func writeLines(out io.Writer, rows [][]string) error { return writeWithin(out, rows, math.MaxInt) }

// isTerminal says whether somebody reads along.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func writeWithin(out io.Writer, rows [][]string, width int) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var text strings.Builder
	for _, row := range rows {
		if len(row) == 1 {
			fmt.Fprintf(&text, "\n%s\n", row[0])
			continue
		}
		writeRow(&text, row, widths, width)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func writeRow(text *strings.Builder, row []string, widths []int, width int) {
	var line strings.Builder
	for i, cell := range row[:len(row)-1] {
		line.WriteString("  " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
	}
	line.WriteString("  ")
	margin := utf8.RuneCountInString(line.String())
	for i, part := range wrap(row[len(row)-1], max(width-margin, 20)) {
		if i == 0 {
			text.WriteString(strings.TrimRight(line.String()+part, " ") + "\n")
			continue
		}
		text.WriteString(strings.Repeat(" ", margin) + part + "\n")
	}
}

// wrap breaks text between words into lines of at most width; a longer word keeps a line of its own. There is always one
// line, be it empty.
func wrap(text string, width int) []string {
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

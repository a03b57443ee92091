package sequence

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// Diagram is messages in their order, between participants from left to right.
type Diagram struct {
	Title        string // says what the diagram is of; its name for screen readers
	Participants []string
	Messages     []Message
}

// Message goes from one participant to another, or is something that happens at one when From and To are the same. Both have
// to be among the diagram's participants.
type Message struct {
	At       string // when, as it is shown
	From, To string
	Text     string
	Failed   bool
	Planned  bool   // has not happened yet
	Href     string // of the detail; "" = none
}

// sentence is a message in words.
func (m Message) sentence() string {
	words := m.From + " to " + m.To + ": " + m.Text
	if m.From == m.To {
		words = m.From + ": " + m.Text
	}
	if m.Planned {
		words += " (planned)"
	}
	return words
}

// involved lists the participants that have messages, from left to right.
func (d Diagram) involved() (names []string) {
	for _, name := range d.Participants {
		if slices.ContainsFunc(d.Messages, func(m Message) bool { return m.From == name || m.To == name }) {
			names = append(names, name)
		}
	}
	return names
}

// Text is one line for each message: when, who to whom, what.
func (d Diagram) Text() string {
	wide := 0
	for _, m := range d.Messages {
		wide = max(wide, utf8.RuneCountInString(m.At))
	}
	var out strings.Builder
	for _, m := range d.Messages {
		failed := ""
		if m.Failed {
			failed = " (failed)"
		}
		fmt.Fprintf(&out, "%-*s  %s%s\n", wide, m.At, m.sentence(), failed)
	}
	return out.String()
}

// Measures of the drawing, in pixels.
const (
	timeWidth, column, boxWidth = 76, 190, 130
	headHeight, row             = 44, 36
	letter                      = 6.4 // of the widest usual text
)

// SVG draws the diagram. A text that is longer than its arrow is cut; its title and the text form have all of it.
func (d Diagram) SVG() string {
	names := d.involved()
	at := func(name string) int { return timeWidth + column/2 + column*slices.Index(names, name) }
	width, height := timeWidth+column*len(names), headHeight+row*len(d.Messages)+row/2
	for _, m := range d.Messages {
		if m.From == m.To { // its text stands to the right
			width = max(width, at(m.From)+min(2*column, max(column, 17+int(letter*float64(utf8.RuneCountInString(m.Text)+1)))))
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="sequence" viewBox="0 0 %d %d" width="%d" height="%d" role="group" aria-label="%s">`, width, height, width, height, html.EscapeString(d.Title))
	for _, name := range names {
		x := at(name)
		fmt.Fprintf(&out, `<line x1="%d" x2="%d" y1="30" y2="%d"/><rect class="box" x="%d" y="4" width="%d" height="26" rx="4"/><text class="ink" x="%d" y="21" text-anchor="middle">%s</text>`,
			x, x, height, x-boxWidth/2, boxWidth, x, html.EscapeString(cut(name, boxWidth)))
	}
	for i, m := range d.Messages {
		m.draw(&out, at(m.From), at(m.To), headHeight+row*i, width)
	}
	out.WriteString("</svg>")
	return out.String()
}

// draw draws a message in the row that begins at y, in a diagram of that width.
func (m Message) draw(out *strings.Builder, from, to, y, width int) {
	class := strings.TrimSpace(when(m.Failed, "bad ") + when(m.Planned, "planned"))
	tag := "g"
	if m.Href != "" {
		tag = fmt.Sprintf(`a href="%s"`, html.EscapeString(m.Href))
	}
	fmt.Fprintf(out, `<%s class="%s"><title>%s</title>`, tag, class, html.EscapeString(m.sentence()))
	left, right, line := min(from, to), max(from, to), y+24
	if from == to {
		right = width
	}
	fmt.Fprintf(out, `<rect class="row" x="0" y="%d" width="%d" height="%d"/>`, y, right, row-2)
	text := html.EscapeString(cut(m.Text, right-left-16))
	if from == to {
		fmt.Fprintf(out, `<circle class="head" cx="%d" cy="%d" r="4"/><text class="says" x="%d" y="%d">%s</text>`, from, line-4, from+10, line, text)
	} else {
		tip := 7
		if to > from {
			tip = -7
		}
		fmt.Fprintf(out, `<path class="arrow" d="M%d %dH%d"/><path class="head" d="M%d %dl%d -4v8z"/><text class="says" x="%d" y="%d" text-anchor="middle">%s</text>`,
			from, line, to+tip, to, line, tip, (left+right)/2, line-6, text)
	}
	fmt.Fprintf(out, `</%s><text x="0" y="%d">%s</text>`, tag[:1], line, html.EscapeString(m.At))
}

// cut shortens a text to what fits into a width in pixels.
func cut(text string, width int) string {
	fits := int(float64(width) / letter)
	if utf8.RuneCountInString(text) <= fits {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:max(0, fits-1)])) + "…"
}

func when(so bool, text string) string {
	if so {
		return text
	}
	return ""
}

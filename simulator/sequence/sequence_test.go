package sequence_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"mozartosim/simulator/sequence"
)

func example() sequence.Diagram {
	return sequence.Diagram{
		Title: "Payment <1>", Participants: []string{"merchant", "Mozarto", "shopper", "handler"},
		Messages: []sequence.Message{
			{At: "+0 ms", From: "merchant", To: "Mozarto", Text: "POST <b>", Href: "#a&b"},
			{At: "+2 s", From: "Mozarto", To: "Mozarto", Text: "captured"},
			{At: "+2 s", From: "Mozarto", To: "handler", Text: "webhook 1: 500", Failed: true, Href: "#c"},
			{At: "+12 s", From: "Mozarto", To: "handler", Text: strings.Repeat("webhook again ", 10), Planned: true},
		},
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	want := `+0 ms  merchant to Mozarto: POST <b>
+2 s   Mozarto: captured
+2 s   Mozarto to handler: webhook 1: 500 (failed)
+12 s  Mozarto to handler: ` + strings.Repeat("webhook again ", 10) + " (planned)\n"
	if got := example().Text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// element is a part of the drawing, by its name, and its attributes.
type element map[string]string

// elements reads a drawing, which has to be well-formed.
func elements(t *testing.T, svg string) (all []element, text string) {
	t.Helper()
	for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return all, text
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{"": token.Name.Local}
			for _, a := range token.Attr {
				e[a.Name.Local] = a.Value
			}
			all = append(all, e)
		case xml.CharData:
			text += string(token) + "\n"
		}
	}
}

// A drawing escapes what it shows, leaves out who has no message, links each arrow, points arrows the right way, and cuts long texts.
func TestSVG(t *testing.T) {
	t.Parallel()
	all, text := elements(t, example().SVG())
	if all[0]["role"] != "group" || all[0]["aria-label"] != "Payment <1>" {
		t.Errorf("the drawing is %v", all[0])
	}
	var links, boxes, arrows []element
	for _, e := range all {
		switch {
		case e[""] == "a":
			links = append(links, e)
		case e["class"] == "box":
			boxes = append(boxes, e)
		case e["class"] == "arrow":
			arrows = append(arrows, e)
		}
	}
	if len(links) != 2 || links[0]["href"] != "#a&b" || links[1]["class"] != "bad" {
		t.Errorf("links are %v", links)
	}
	if len(boxes) != 3 || strings.Contains(text, "shopper") {
		t.Errorf("%d participants in\n%s", len(boxes), text)
	}
	if len(arrows) != 3 || arrows[0]["d"] != "M171 68H354" {
		t.Errorf("arrows are %v", arrows)
	}
	if !strings.Contains(text, "…\n") {
		t.Errorf("a long text is not cut in\n%s", text)
	}
	own := sequence.Diagram{Participants: []string{"a"}, Messages: []sequence.Message{{From: "a", To: "a", Text: "it is awaiting approval (STATUS_INITED)"}}}
	if svg := own.SVG(); !strings.Contains(svg, `>it is awaiting approval (STATUS_INITED)</text>`) {
		t.Errorf("what happens at one participant is cut in\n%s", svg)
	}
	back := sequence.Diagram{Participants: []string{"a", "b"}, Messages: []sequence.Message{{From: "b", To: "a", Text: "200"}}}
	if svg := back.SVG(); !strings.Contains(svg, `d="M361 68H178"`) || !strings.Contains(svg, `d="M171 68l7 -4v8z"`) {
		t.Errorf("an arrow to the left is %s", svg)
	}
	alone := sequence.Diagram{Participants: []string{"a"}, Messages: []sequence.Message{{From: "a", To: "a", Text: "waits"}}}
	if svg := alone.SVG(); !strings.Contains(svg, `width="361"`) {
		t.Errorf("the text of the last participant has no room: %s", svg)
	}
}

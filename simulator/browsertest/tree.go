package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
)

// element is what the DOM says of a node of the accessibility tree.
type element struct {
	name       string
	attributes map[string]string
}

// tree holds the browser's accessibility tree against the DOM: what can be used must show there, with role and name.
func (tab *Tab) tree() []Fault {
	tab.t.Helper()
	nodes, err := runIn(tab, func(ctx context.Context, target *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	if err != nil {
		tab.fail("accessibility tree", err)
	}
	all, depth := map[cdp.BackendNodeID]element{}, int64(-1)
	document, err := runIn(tab, func(ctx context.Context, target *chromedp.Target) (dom.DescribeNodeResult, error) {
		root, err := cdp.Call(ctx, target, dom.GetDocument, dom.GetDocumentParams{})
		if err != nil {
			return dom.DescribeNodeResult{}, err
		}
		return cdp.Call(ctx, target, dom.DescribeNode, dom.DescribeNodeParams{BackendNodeID: root.Root.BackendNodeID, Depth: &depth})
	})
	if err != nil {
		tab.fail("document", err)
	}
	collect(document.Node, all)
	return judge(nodes.Nodes, all)
}

func collect(n *cdp.Node, into map[cdp.BackendNodeID]element) {
	e := element{name: n.LocalName, attributes: map[string]string{}}
	for i := 0; i+1 < len(n.Attributes); i += 2 {
		e.attributes[n.Attributes[i]] = n.Attributes[i+1]
	}
	into[n.BackendNodeID] = e
	for _, child := range n.Children {
		collect(child, into)
	}
}

// judge goes through the tree in its own order, which is that in which a screen reader reads.
func judge(nodes []*accessibility.Node, elements map[cdp.BackendNodeID]element) []Fault {
	var faults []Fault
	headings := outline{}
	for _, n := range inOrder(nodes) {
		e, role := elements[n.BackendDOMNodeID], text(n.Role)
		fault := func(rule, format string, args ...any) {
			faults = append(faults, Fault{Rule: rule, Where: e.String(), What: fmt.Sprintf(format, args...)})
		}
		if n.Ignored {
			if e.usable() && n.BackendDOMNodeID != 0 && hidden(n) {
				fault("role", "it can be used but is hidden from screen readers")
			}
			continue
		}
		switch {
		case e.usable() && (role == "" || role == "generic" || role == "none"):
			fault("role", "it can be used but has no role")
		case isControl(role) && text(n.Name) == "":
			fault("name", "the %s has no name", role)
		case isField(role) && !labelled(n, e):
			fault("label", "its only name is a placeholder or a title, no label is tied to it")
		case isImage(role) && text(n.Name) == "":
			fault("image", "the picture has no name")
		case role == "heading":
			if complaint := headings.next(n); complaint != "" {
				fault("heading", "%s", complaint)
			}
		}
	}
	if headings.tops != 1 {
		faults = append(faults, Fault{"heading", "page", fmt.Sprintf("%d h1 headings instead of one", headings.tops)})
	}
	return faults
}

// outline follows the headings.
type outline struct{ tops, level int }

func (o *outline) next(n *accessibility.Node) string {
	level := 0
	for _, p := range n.Properties {
		if p.Name == accessibility.PropertyNameLevel {
			_ = json.Unmarshal(p.Value.Value, &level) // 0 is a complaint of its own
		}
	}
	before := o.level
	o.level = level
	if level == 1 {
		o.tops++
	}
	switch {
	case text(n.Name) == "":
		return "the heading is empty"
	case before == 0 && level != 1:
		return fmt.Sprintf("the page begins with an h%d, not with its h1", level)
	case level > before+1:
		return fmt.Sprintf("h%d follows h%d: a step is missing", level, before)
	}
	return ""
}

// inOrder lists the tree depth first.
func inOrder(nodes []*accessibility.Node) []*accessibility.Node {
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range nodes {
		byID[n.NodeID] = n
	}
	var out []*accessibility.Node
	var visit func(n *accessibility.Node)
	visit = func(n *accessibility.Node) {
		out = append(out, n)
		for _, id := range n.ChildIDs {
			if child, ok := byID[id]; ok {
				visit(child)
			}
		}
	}
	for _, n := range nodes {
		if n.ParentID == "" {
			visit(n)
		}
	}
	return out
}

func text(v *accessibility.Value) string {
	var s string
	if v != nil {
		_ = json.Unmarshal(v.Value, &s) // what is no text has no name
	}
	return strings.TrimSpace(s)
}

func isControl(role string) bool {
	switch role {
	case "button", "link", "menuitem", "tab", "switch", "option", "DisclosureTriangle":
		return true
	}
	return isField(role)
}

func isField(role string) bool {
	switch role {
	case "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "slider", "spinbutton", "Date", "DateTime", "InputTime", "ColorWell":
		return true
	}
	return false
}

func isImage(role string) bool {
	return role == "image" || role == "img" || role == "graphics-document"
}

// labelled says whether a field's name comes from a label or from ARIA. A placeholder vanishes with the first letter, and a
// title shows to those with a mouse only.
func labelled(n *accessibility.Node, e element) bool {
	for _, source := range n.Name.Sources {
		if source.Value != nil && !source.Superseded {
			return source.Attribute != "placeholder" && source.Attribute != "title" && source.Attribute != "aria-placeholder"
		}
	}
	return text(n.Name) != e.attributes["placeholder"] && text(n.Name) != e.attributes["title"]
}

// hidden says whether somebody hid the node from screen readers on purpose, while it still shows.
func hidden(n *accessibility.Node) bool {
	for _, reason := range n.IgnoredReasons {
		switch reason.Name {
		case "ariaHiddenElement", "ariaHiddenSubtree":
			return true
		}
	}
	return false
}

// usable says whether an element is made to be used.
func (e element) usable() bool {
	switch e.name {
	case "button", "select", "textarea", "summary":
		return true
	case "a":
		_, ok := e.attributes["href"]
		return ok
	case "input":
		return e.attributes["type"] != "hidden"
	}
	_, clicked := e.attributes["onclick"]
	index, tabbed := e.attributes["tabindex"]
	return clicked || tabbed && !strings.HasPrefix(index, "-") && e.attributes["role"] != "region"
}

func (e element) String() string {
	if id := e.attributes["data-testid"]; id != "" {
		return "[data-testid=" + id + "]"
	}
	for _, name := range []string{"id", "name", "class"} {
		if v := e.attributes[name]; v != "" {
			return fmt.Sprintf("%s[%s=%s]", e.name, name, v)
		}
	}
	return e.name
}

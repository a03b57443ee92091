package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
)

// checkTree compares the browser's accessibility tree with the document: every control must be in it, with role and name.
func (tab *Tab) checkTree() []Violation {
	tab.t.Helper()
	elements := map[cdp.BackendNodeID]element{}
	tree, err := run(tab, func(ctx context.Context, target *chromedp.Target) (tree accessibility.GetFullAXTreeResult, err error) {
		all := int64(-1)
		document, err := cdp.Call(ctx, target, dom.GetDocument, dom.GetDocumentParams{Depth: &all})
		if err != nil {
			return tree, err
		}
		collectElements(document.Root, elements)
		return cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	if err != nil {
		tab.fail("accessibility tree: %v", err)
	}
	return checkNodes(inOrder(tree.Nodes), elements)
}

// element is an element of the document.
type element struct {
	name       string
	attributes map[string]string
}

func collectElements(n *cdp.Node, into map[cdp.BackendNodeID]element) {
	e := element{name: n.LocalName, attributes: map[string]string{}}
	for i := 0; i+1 < len(n.Attributes); i += 2 {
		e.attributes[n.Attributes[i]] = n.Attributes[i+1]
	}
	into[n.BackendNodeID] = e
	for _, child := range n.Children {
		collectElements(child, into)
	}
}

// inOrder lists the nodes depth first, as a screen reader reads them.
func inOrder(nodes []*accessibility.Node) (out []*accessibility.Node) {
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range nodes {
		byID[n.NodeID] = n
	}
	var add func(n *accessibility.Node)
	add = func(n *accessibility.Node) {
		out = append(out, n)
		for _, id := range n.ChildIDs {
			if child, ok := byID[id]; ok {
				add(child)
			}
		}
	}
	for _, n := range nodes {
		if n.ParentID == "" {
			add(n)
		}
	}
	return out
}

func checkNodes(nodes []*accessibility.Node, elements map[cdp.BackendNodeID]element) []Violation {
	var violations []Violation
	headings := headingLevels{}
	for _, n := range nodes {
		e := elements[n.BackendDOMNodeID]
		rule, what := checkNode(n, e)
		if rule == "" && !n.Ignored && text(n.Role) == "heading" {
			rule, what = "heading", headings.next(n)
		}
		if what != "" {
			violations = append(violations, Violation{rule, e.String(), what})
		}
	}
	if headings.h1 != 1 {
		violations = append(violations, Violation{"heading", "page", fmt.Sprintf("%d h1 headings instead of one", headings.h1)})
	}
	return violations
}

// Roles of controls, of those among them that are fields, and of pictures.
var (
	controlRoles = []string{"button", "link", "menuitem", "tab", "switch", "option", "DisclosureTriangle"}
	fieldRoles   = []string{"textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "slider", "spinbutton", "Date", "DateTime", "InputTime", "ColorWell"}
	imageRoles   = []string{"image", "img", "graphics-document"}
)

// checkNode returns the rule that a node breaks, and how.
func checkNode(n *accessibility.Node, e element) (rule, what string) {
	role, name := text(n.Role), text(n.Name)
	isField := slices.Contains(fieldRoles, role)
	switch {
	case n.Ignored && e.isControl() && n.BackendDOMNodeID != 0 && hiddenByARIA(n):
		return "role", "it is a control but hidden from screen readers"
	case n.Ignored:
		return "", ""
	case e.isControl() && (role == "" || role == "generic" || role == "none"):
		return "role", "it is a control but has no role"
	case (isField || slices.Contains(controlRoles, role)) && name == "":
		return "name", "the " + role + " has no name"
	case isField && !hasLabel(n, e):
		return "label", "its only name is a placeholder or a title, it has no label"
	case slices.Contains(imageRoles, role) && name == "":
		return "image", "the picture has no name"
	}
	return "", ""
}

// headingLevels follows the headings of a page.
type headingLevels struct{ h1, level int }

// next returns what is wrong with the next heading, "" for nothing.
func (h *headingLevels) next(n *accessibility.Node) string {
	before := h.level
	h.level = 0
	for _, p := range n.Properties {
		if p.Name == accessibility.PropertyNameLevel {
			_ = json.Unmarshal(p.Value.Value, &h.level) // 0 is reported
		}
	}
	if h.level == 1 {
		h.h1++
	}
	switch {
	case text(n.Name) == "":
		return "the heading is empty"
	case before == 0 && h.level != 1:
		return fmt.Sprintf("the first heading is an h%d, not the h1", h.level)
	case h.level > before+1:
		return fmt.Sprintf("h%d follows h%d: a level is missing", h.level, before)
	}
	return ""
}

// text is a value of the tree that is a text, "" for another one.
func text(v *accessibility.Value) string {
	var s string
	if v != nil {
		_ = json.Unmarshal(v.Value, &s)
	}
	return strings.TrimSpace(s)
}

// hasLabel says whether a field's name comes from a label or from ARIA. A placeholder disappears with the first letter, and a
// title shows only with a mouse.
func hasLabel(n *accessibility.Node, e element) bool {
	for _, source := range n.Name.Sources {
		if source.Value != nil && !source.Superseded {
			return source.Attribute != "placeholder" && source.Attribute != "title" && source.Attribute != "aria-placeholder"
		}
	}
	return text(n.Name) != e.attributes["placeholder"] && text(n.Name) != e.attributes["title"]
}

// hiddenByARIA says whether the node is visible but hidden from screen readers.
func hiddenByARIA(n *accessibility.Node) bool {
	return slices.ContainsFunc(n.IgnoredReasons, func(reason *accessibility.Property) bool {
		return reason.Name == "ariaHiddenElement" || reason.Name == "ariaHiddenSubtree"
	})
}

// isControl says whether an element can be used.
func (e element) isControl() bool {
	switch e.name {
	case "button", "select", "textarea", "summary":
		return true
	case "a":
		_, ok := e.attributes["href"]
		return ok
	case "input":
		return e.attributes["type"] != "hidden"
	}
	_, clickable := e.attributes["onclick"]
	index, focusable := e.attributes["tabindex"]
	return clickable || focusable && !strings.HasPrefix(index, "-") && e.attributes["role"] != "region"
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

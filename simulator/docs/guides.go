package docs

import (
	"bytes"
	"html/template"
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// render makes HTML of a guide. Links to other guides and to files beside it lead to their pages; what only the repository has
// is shown without a link; local replaces the usual addresses by this simulator's. What can be copied has a button.
func (d *Docs) render(g Guide, local *strings.Replacer) template.HTML {
	g.Text = []byte(local.Replace(string(g.Text)))
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	root := markdown.Parser().Parse(text.NewReader(g.Text))
	if title, ok := root.FirstChild().(*ast.Heading); ok && title.Level == 1 { // the page has it
		root.RemoveChild(root, title)
	}
	var gone []*ast.Link
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		link, ok := node.(*ast.Link)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		to, ok := d.target(g, string(link.Destination))
		if !ok {
			gone = append(gone, link)
		}
		link.Destination = []byte(to)
		return ast.WalkContinue, nil
	})
	for _, link := range gone {
		parent := link.Parent()
		for link.FirstChild() != nil {
			parent.InsertBefore(parent, link, link.FirstChild())
		}
		parent.RemoveChild(parent, link)
	}
	var out bytes.Buffer
	if err := markdown.Renderer().Render(&out, g.Text, root); err != nil {
		return template.HTML(template.HTMLEscapeString(err.Error())) //nolint:gosec // it is escaped
	}
	html := strings.NewReplacer("<pre><", `<pre tabindex="0" role="group" aria-label="Code"><`, "</pre>", "</pre>"+copyButton).Replace(out.String())
	return template.HTML(html) //nolint:gosec // of the repository's own Markdown, in which HTML is not permitted
}

// copyButton copies what stands before it; the console's script does.
const copyButton = `<button type="button" class="copy" data-copy>Copy</button>`

// target is the address that a link of a guide leads to; ok is false when nothing here answers for it.
func (d *Docs) target(g Guide, link string) (to string, ok bool) {
	if strings.HasPrefix(link, "#") || strings.Contains(link, "://") {
		return link, true
	}
	file, anchor, _ := strings.Cut(link, "#")
	if anchor != "" {
		anchor = "#" + anchor
	}
	at := path.Join(path.Dir(g.Path), file)
	for _, other := range d.Guides {
		if other.Path == at {
			return "/docs/" + other.Name + anchor, true
		}
	}
	beside := strings.TrimPrefix(at, path.Dir(g.Path)+"/")
	return "/docs/" + g.Name + "/" + beside, hasFile(g.Files, beside)
}

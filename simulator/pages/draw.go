package pages

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// drawer draws pages. What is the same on all of a provider's pages (its reasons, banks, test cards) is drawn once: a page
// must take no longer than twice the cashier call that led to it.
type drawer struct {
	templates *template.Template
	buffers   sync.Pool
	parts     sync.Map // template.HTML by name and provider
}

// newDrawer reads the templates. In them @style.css@ and the like stand for an asset's path.
func newDrawer(assets assets, prefix string) (*drawer, error) {
	var paths []string
	for name, hashed := range assets.names {
		paths = append(paths, "@"+name+"@", prefix+"/pay/assets/"+hashed)
	}
	resolve := strings.NewReplacer(paths...)
	d := &drawer{templates: template.New("pages")}
	d.buffers.New = func() any { return new(bytes.Buffer) }
	listed, err := files.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	for _, entry := range listed {
		text, err := files.ReadFile(path.Join("templates", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		if _, err := d.templates.New(entry.Name()).Parse(resolve.Replace(string(text))); err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
	}
	return d, nil
}

// part draws a template once for a key; later calls get the same again, whatever their data.
func (d *drawer) part(name, key string, data func() any) (template.HTML, error) {
	key = name + " " + key
	if drawn, ok := d.parts.Load(key); ok {
		return drawn.(template.HTML), nil
	}
	var out strings.Builder
	if err := d.templates.ExecuteTemplate(&out, name, data()); err != nil {
		return "", fmt.Errorf("draw %s: %w", key, err)
	}
	drawn := template.HTML(out.String()) // html/template has escaped it
	d.parts.Store(key, drawn)
	return drawn, nil
}

// draw writes a page: the frame around what its state shows. An error leaves w untouched.
func (d *drawer) draw(w http.ResponseWriter, r *http.Request, status int, v *view) error {
	out := d.buffers.Get().(*bytes.Buffer)
	defer d.buffers.Put(out)
	out.Reset()
	for _, part := range []string{"top", v.template(), "bottom"} {
		if err := d.templates.ExecuteTemplate(out, part, v); err != nil {
			return fmt.Errorf("draw %s: %w", part, err)
		}
	}
	secure(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(out.Bytes()) // a browser that has gone away reads nothing, and that is its own affair
	}
	return nil
}

// attributes writes HTML attributes, names and values in turn, the values escaped; those without a value are left out.
func attributes(pairs ...string) template.HTMLAttr {
	out := make([]byte, 0, 512)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(append(out, pairs[i]...), `="`...)
		out = append(append(out, html.EscapeString(pairs[i+1])...), '"')
	}
	return template.HTMLAttr(out)
}

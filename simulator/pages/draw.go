package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"mozartosim/simulator/design"
	"mozartosim/simulator/listener"
)

//go:embed assets templates
var files embed.FS

// drawer draws pages. What is the same on all of a provider's pages (its reasons, banks, test cards) is drawn once: a page
// must take no longer than twice the cashier call that led to it.
type drawer struct {
	assets  design.Assets
	base    *listener.Base
	now     atomic.Pointer[drawing]
	buffers sync.Pool
}

// drawing is what pages are drawn with while the paths before theirs stay the same.
type drawing struct {
	prefix    string
	templates *template.Template
	parts     sync.Map // template.HTML by name and provider
}

// current returns what pages are drawn with now.
func (d *drawer) current() (*drawing, error) {
	prefix := d.base.Prefix()
	if now := d.now.Load(); now != nil && now.prefix == prefix {
		return now, nil
	}
	made, err := newDrawing(d.assets, prefix)
	if err == nil {
		d.now.Store(made)
	}
	return made, err
}

// newDrawing reads the templates. In them @style.css@ and the like stand for an asset's path.
func newDrawing(assets design.Assets, prefix string) (*drawing, error) {
	var paths []string
	for name, hashed := range assets.Names {
		paths = append(paths, "@"+name+"@", prefix+"/pay/assets/"+hashed)
	}
	resolve := strings.NewReplacer(paths...)
	d := &drawing{prefix: prefix, templates: template.New("pages")}
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
	now, err := d.current()
	if err != nil {
		return "", err
	}
	key = name + " " + key
	if drawn, ok := now.parts.Load(key); ok {
		return drawn.(template.HTML), nil
	}
	var out strings.Builder
	if err := now.templates.ExecuteTemplate(&out, name, data()); err != nil {
		return "", fmt.Errorf("draw %s: %w", key, err)
	}
	drawn := template.HTML(out.String()) // html/template has escaped it
	now.parts.Store(key, drawn)
	return drawn, nil
}

// draw writes a page: the frame around the template of what is shown. An error leaves w untouched.
func (d *drawer) draw(w http.ResponseWriter, r *http.Request, status int, shown string, data any) error {
	now, err := d.current()
	if err != nil {
		return err
	}
	out, ok := d.buffers.Get().(*bytes.Buffer)
	if !ok {
		out = new(bytes.Buffer)
	}
	defer d.buffers.Put(out)
	out.Reset()
	for _, part := range []string{"top", shown, "bottom"} {
		if err := now.templates.ExecuteTemplate(out, part, data); err != nil {
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

// policy: everything comes from this very origin, nothing is inline, no site frames a page (that no merchant embeds it is
// assumed). The page's own script and style sheet are files of their own.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure sets what every answer has. With same-origin a merchant never sees a page's address as the referrer, while forms
// still report where they come from.
func secure(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
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

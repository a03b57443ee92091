package docs

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/listener"
)

//go:embed assets templates
var files embed.FS

// Guide is a guide in Markdown.
type Guide struct {
	Name  string // in addresses
	Title string
	About string // what it teaches, in half a sentence
	Path  string // of its file in the repository, by which guides link to each other
	Text  []byte
	Files fs.FS // that it links to beside it, shown as they are; nil = none
}

// Config is what the pages need.
type Config struct {
	API       http.Handler // the admin API, as its listener serves it
	Cashier   http.Handler // the public listener's
	PublicURL func() string
	Token     string // the admin token; "" = none is needed
	Guides    []Guide
	Version   string
}

// Docs answers for /docs and /schemas. The caller checks logins.
type Docs struct {
	Config
	page *template.Template
}

// New reads the templates.
func New(config Config) (*Docs, error) {
	page, err := template.ParseFS(files, "templates/*.html")
	return &Docs{config, page}, err
}

// view is what the template shows.
type view struct {
	Title, Version, Nonce, FormToken string
	Guides                           []Guide
	Current                          string        // "", cashier, admin, or a guide's name
	Reference                        string        // address of the OpenAPI document, "" for other pages
	Guide                            template.HTML // of a guide
	File                             string        // beside a guide, as it is
	Public, Admin                    string        // where this simulator's APIs are
}

// Page answers for a page below /docs, to a browser that is logged in; formToken is what Try's calls have to carry.
func (d *Docs) Page(w http.ResponseWriter, r *http.Request, formToken string) {
	name := strings.Trim(strings.TrimPrefix(r.URL.Path, "/docs"), "/")
	v := view{Title: "Documentation", Version: d.Version, FormToken: formToken, Guides: d.Guides, Current: name, Public: d.PublicURL(), Admin: listener.Origin(r)}
	switch name {
	case "":
	case "cashier":
		v.Title, v.Reference = "Cashier API", "/openapi/cashier.json"
	case "admin":
		v.Title, v.Reference = "Admin API", "/openapi/control.json"
	default:
		guide, file, ok := d.guide(name)
		switch {
		case !ok:
			http.NotFound(w, r)
			return
		case file != "" && !strings.Contains(r.Header.Get("Accept"), "html"): // for curl
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			http.ServeFileFS(w, r, guide.Files, file)
			return
		case file != "":
			text, err := fs.ReadFile(guide.Files, file)
			if err != nil {
				http.NotFound(w, r)
				return
			}
			v.Title, v.Current, v.File = file, guide.Name, string(text)
		default:
			v.Title, v.Guide = guide.Title, d.render(guide, strings.NewReplacer("http://127.0.0.1:8080", v.Public, "http://127.0.0.1:8081", v.Admin))
		}
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // it never fails
	v.Nonce = base64.StdEncoding.EncodeToString(nonce[:])
	var text bytes.Buffer
	if err := d.page.ExecuteTemplate(&text, "page.html", v); err != nil {
		http.Error(w, "something went wrong in the simulator", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", policy(v))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text.Bytes()) // a browser that has gone away reads nothing
}

// policy permits the console's script; to Swagger UI its pictures (data: URLs in its style sheet) and this page's scripts instead.
func policy(v view) string {
	common := "default-src 'none'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self'"
	if v.Reference == "" {
		return common + "; script-src 'self'"
	}
	return common + " data:; script-src 'nonce-" + v.Nonce + "'"
}

// guide finds a guide, or a file beside one, by "recipes" or "recipes/payment.sh".
func (d *Docs) guide(name string) (guide Guide, file string, ok bool) {
	name, file, _ = strings.Cut(name, "/")
	at := slices.IndexFunc(d.Guides, func(g Guide) bool { return g.Name == name })
	if at < 0 || file != "" && !hasFile(d.Guides[at].Files, file) {
		return guide, "", false
	}
	return d.Guides[at], file, true
}

func hasFile(files fs.FS, name string) bool {
	if files == nil {
		return false
	}
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular()
}

// FormTokenHeader is the header in which pages send their form token with a call that is tried out.
const FormTokenHeader = "Mozartosim-Form-Token" //nolint:gosec // a header's name

// Try hands a call on: /docs/try/cashier/… to the public listener's handler as it is, /docs/try/admin/… to the admin API, with its
// token.
func (d *Docs) Try(w http.ResponseWriter, r *http.Request) {
	api, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/docs/try/"), "/")
	target, err := url.Parse("/" + path)
	next := map[string]http.Handler{"cashier": d.Cashier, "admin": d.API}[api]
	if err != nil || next == nil {
		http.NotFound(w, r)
		return
	}
	call := r.Clone(r.Context())
	target.RawQuery = r.URL.RawQuery
	call.URL, call.RequestURI = target, target.RequestURI()
	for name := range call.Header { // of the browser, about this page
		if name == "Cookie" || name == "Origin" || name == "Referer" || name == FormTokenHeader || strings.HasPrefix(name, "Sec-") {
			call.Header.Del(name)
		}
	}
	if public, err := url.Parse(d.PublicURL()); api == "cashier" && err == nil {
		call.Host = public.Host
	}
	if api == "admin" && d.Token != "" {
		call.Header.Set("Authorization", "Bearer "+d.Token)
	}
	next.ServeHTTP(w, call)
}

// Schema serves the JSON Schema of a kind of file; its $id is the address at which it was asked for.
func (d *Docs) Schema(w http.ResponseWriter, r *http.Request) {
	kind, ok := strings.CutSuffix(r.PathValue("name"), ".json")
	text, err := openapi.FileSchema(kind, listener.Origin(r)+r.URL.Path)
	if !ok || err != nil {
		http.Error(w, "there is no such schema: use one of "+strings.Join(openapi.FileKinds(), ".json, ")+".json", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(text) //nolint:gosec // it is no HTML, and browsers must not guess that it is
}

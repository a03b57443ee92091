package console

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/design"
)

// page is what a request leads to. Templates see the fields with capitals.
type page struct {
	Title        string
	Nav          string // the current entry of the navigation
	Data         any
	Live, Events string          // which events change the page (all, or those of the payment with this id; "" = none), and their stream ("" = the company's)
	Problem      *adminapi.Error // why a form failed, or why there is no other page

	template   string
	status     int    // of HTTP; 0 = 200
	failedForm string // the form that failed
	redirect   string // where the browser goes instead; "" = nowhere
}

// fail marks the form that failed. The page is not kept up to date then, so that what was typed stays until it is sent.
func (p *page) fail(form string, problem *adminapi.Error) {
	p.failedForm, p.Problem, p.status, p.Live = form, problem, problem.Status, ""
}

// filtered shows an error about a list's filters at the filters; other errors are returned.
func (p *page) filtered(r *request, err error) error {
	switch adminapi.StatusOf(err) {
	case http.StatusBadRequest, http.StatusNotFound:
		p.fail("filter", r.problem(err))
		return nil
	}
	return err
}

// view is what templates see.
type view struct {
	*request
	*page
	Clock   adminapi.Clock
	Outages []adminapi.Outage // in force, on the pages where they explain what one sees
}

// Typed is what was typed into a field of the form that failed, or what stands there otherwise.
func (v view) Typed(form, field, otherwise string) string {
	if v.failedForm == form && v.PostForm.Has(field) {
		return v.PostForm.Get(field)
	}
	return otherwise
}

// Ticked says whether a box is ticked: as in the form that failed, or as it is otherwise.
func (v view) Ticked(form, field string, otherwise bool) bool {
	if v.failedForm == form {
		return v.PostForm.Has(field)
	}
	return otherwise
}

// FormProblem is the problem of a form, nil unless that is the one that failed.
func (v view) FormProblem(form string) *adminapi.Error {
	if v.failedForm != form {
		return nil
	}
	return v.Problem
}

// FieldProblem is what is wrong with a field of a form, "" for nothing.
func (v view) FieldProblem(form, field string) string {
	if p := v.FormProblem(form); p != nil {
		for _, problem := range p.Problems {
			if strings.HasPrefix(problem, field+" ") {
				return problem
			}
		}
	}
	return ""
}

// Message is what the last form did; the address has its key.
func (v view) Message() string { return messages()[v.param("done")] }

func messages() map[string]string {
	return map[string]string{
		"decided": "Decided. What follows shows below as it happens.", "approved": "The pay-out is approved; what its provider does with it follows below.", "rejected": "The pay-out is rejected.",
		"resent": "Sent again: the new delivery is below.", "cancelled": "The delivery is cancelled.",
		"advanced": "The clock was advanced.", "manual": "The clock is manual now: it moves when you advance it.",
		"clock": "The clock is set.", "created": "The company is created, with credentials of its own.",
		"saved": "Saved.", "deleted": "Deleted.", "webhooks": "The webhooks of all providers go there now.", "rule": "The rules are changed.", "settings": "The company is changed.",
		"outage": "The outage has started.", "outage-ended": "The outage has ended.", "reset": "The company is reset: its payments are dropped.",
		"replies": "The inbox will answer like that.", "put": "The scenario is saved, and in force.", "override": "The scenario decides the next payment that it matches.", "unset": "The override is cancelled.", "made": "The payment is made.",
		"tested": "A test payment was made and approved: its webhook is below.",
	}
}

// render writes a page, or sends the browser to another one.
func (r *request) render(p *page) {
	if p.redirect != "" {
		http.Redirect(r.w, r.Request, p.redirect, http.StatusSeeOther)
		return
	}
	p.Events = cmp.Or(p.Events, "/v1/events?company="+r.Company.ID)
	v := view{request: r, page: p}
	if r.Company.ID != "" {
		var err error
		if v.Clock, err = r.current().Clock(r.Context()); err == nil && (p.Nav == "overview" || p.Nav == "payments" || p.Nav == "cashier") {
			v.Outages, err = r.current().Scenarios().Outages(r.Context())
		}
		if err != nil { // the page is about something else
			r.Log.Debug("console: read clock and outages", "error", err)
		}
	}
	r.write(r.w, r.Request, p.template, p.status, v)
}

// write executes a template before the first byte is sent, so that an error never leaves half a page. The page is compressed for
// those who can read that; no page of another site can ask for one, to guess at its secrets by its length.
func (c *console) write(w http.ResponseWriter, r *http.Request, name string, status int, data any) {
	var text bytes.Buffer
	templates, err := c.templates()
	if err == nil {
		err = templates[name].ExecuteTemplate(&text, "layout", data)
	}
	if err != nil {
		c.Log.Error("console: render a page", "page", name, "error", err)
		http.Error(w, "something went wrong in the simulator; its log has the details", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	var out io.Writer = w
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		packer := c.packers.Get().(*gzip.Writer)
		packer.Reset(w)
		defer c.packers.Put(packer)
		defer packer.Close()
		out = packer
	}
	w.WriteHeader(cmp.Or(status, http.StatusOK))
	_, _ = out.Write(text.Bytes()) // a browser that has gone away reads nothing
}

func newPacker() any {
	packer, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is known
	return packer
}

// readTemplates parses every page with the layout around it; assets are the names of assets.
func readTemplates(assets map[string]string) (map[string]*template.Template, error) {
	layout, err := template.New("").Funcs(functions()).Funcs(template.FuncMap{"asset": func(name string) string { return "/assets/" + assets[name] }}).ParseFS(files, "templates/layout/*.html")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	all := map[string]*template.Template{}
	for _, name := range names {
		whole, err := layout.Clone()
		if err == nil {
			whole, err = whole.ParseFS(files, name)
		}
		if err != nil {
			return nil, fmt.Errorf("console: %s: %w", name, err)
		}
		all[strings.TrimSuffix(path.Base(name), ".html")] = whole
	}
	return all, nil
}

// asset serves an asset without a login: the login page needs them too. The documentation asks by the plain names.
func (c *console) asset(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	if hashed, ok := c.assets.Names[r.PathValue("name")]; ok {
		w.Header().Set("Cache-Control", "no-cache")
		http.Redirect(w, r, "/assets/"+hashed, http.StatusFound)
		return
	}
	c.assets.Serve(w, r, r.PathValue("name"))
}

// style shows every component of the design.
func style(*request) (*page, error) {
	return &page{template: "style", Title: "Design", Data: template.HTML(design.Examples())}, nil //nolint:gosec // it is ours
}

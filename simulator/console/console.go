package console

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/design"
	"mozartosim/simulator/docs"
)

//go:embed assets templates
var files embed.FS

// Config is what the console needs.
type Config struct {
	API      http.Handler // the admin API, as its listener serves it
	Cashier  http.Handler // the public listener's, to which the form that makes payments sends its requests
	Docs     *docs.Docs   // the documentation's pages
	Token    string       // the admin token; "" = none is needed, and nobody logs in
	Sessions *Sessions    // shared with the admin API's guard
	Version  string
	Log      *slog.Logger
}

type console struct {
	Config
	api       *adminapi.Client
	templates func() (map[string]*template.Template, error) // parsed for the first page: a start does not wait for them
	assets    design.Assets
	formToken string // of forms when nobody logs in
	packers   sync.Pool
}

// form is a form of a page.
type form struct {
	name   string                        // by which templates find its errors
	submit func(*request) (*page, error) // what it leads to
	again  func(*request) (*page, error) // the page that shows the form again when it fails
}

// show renders a page, or the reason why there is none.
func (c *console) show(r *request, build func(*request) (*page, error)) {
	p, err := build(r)
	if err != nil {
		p = c.failure(err)
	}
	r.render(p)
}

// submit carries out a form. When that fails its page is shown again, with what was typed and what is wrong.
func (c *console) submit(r *request, f form) {
	p, err := f.submit(r)
	if err != nil {
		var gone error
		if p, gone = f.again(r); gone != nil { // what the form was about
			p = c.failure(err)
		}
		p.fail(f.name, c.problem(err))
	}
	r.render(p)
}

// problem makes an error of the API of any error. One that the API did not word is a bug of the simulator, and is logged.
func (c *console) problem(err error) *adminapi.Error {
	var refused *adminapi.Error
	if errors.As(err, &refused) {
		return refused
	}
	c.Log.Error("console", "error", err)
	return &adminapi.Error{Status: http.StatusInternalServerError, Message: "something went wrong in the simulator; its log has the details"}
}

func badRequest(message string, problems ...string) *adminapi.Error {
	return &adminapi.Error{Status: http.StatusBadRequest, Message: message, Problems: problems}
}

// errNoCompany says that a page needs a company, and there is none.
var errNoCompany = errors.New("there is no company")

// ofCompany makes a page that needs a company.
func ofCompany(build func(*request) (*page, error)) func(*request) (*page, error) {
	return func(r *request) (*page, error) {
		if r.Company.ID == "" {
			return nil, errNoCompany
		}
		return build(r)
	}
}

// failure is the page that says why there is no other one.
func (c *console) failure(err error) *page {
	if errors.Is(err, errNoCompany) {
		return &page{template: "no-company", Title: "No company yet"}
	}
	problem := c.problem(err)
	title := "That did not work"
	if problem.Status == http.StatusNotFound {
		title = "Not found"
	}
	return &page{template: "failure", Title: title, Problem: problem, status: problem.Status}
}

// notFound answers requests for which the console has no page: browsers by a page, programs by the API's error.
func (c *console) notFound(r *request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !reads || !strings.Contains(r.Header.Get("Accept"), "html") {
		c.API.ServeHTTP(r.w, r.Request)
		return
	}
	r.render(c.failure(&adminapi.Error{Status: http.StatusNotFound, Message: fmt.Sprintf("there is no page %s", r.URL.Path)}))
}

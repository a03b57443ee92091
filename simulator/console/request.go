package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mozartosim/simulator/adminapi"
)

// request is a request for a page, by a browser that is logged in.
type request struct {
	*console
	*http.Request
	w         http.ResponseWriter
	FormToken string             // stands in every form of the page
	Company   adminapi.Company   // that the page is about; without an id when there is none
	Companies []adminapi.Company // to choose from
	Providers []adminapi.Provider
}

// load reads what most pages need: the providers, and the company that the address names, or the first.
func (r *request) load() (err error) {
	if r.Providers, err = r.api.Providers(r.Context()); err != nil {
		return err
	}
	list, err := r.api.Companies(r.Context(), adminapi.Page{Limit: 20}, adminapi.Masked)
	if err != nil {
		return err
	}
	r.Companies = list.Companies
	name := r.param("company")
	if name == "" {
		if len(r.Companies) > 0 {
			r.Company = r.Companies[0]
		}
		return nil
	}
	i := slices.IndexFunc(r.Companies, func(c adminapi.Company) bool { return c.ID == name || c.Name == name })
	if i >= 0 {
		r.Company = r.Companies[i]
		return nil
	}
	r.Company, err = r.api.Company(name).BackOffice().Company(r.Context(), adminapi.Masked)
	if err == nil {
		r.Companies = append(r.Companies, r.Company)
	}
	return err
}

// current is the API of the company that the page is about.
func (r *request) current() *adminapi.CompanyClient { return r.api.Company(r.Company.ID) }

// named is the API of the company that the page's path names.
func (r *request) named() *adminapi.CompanyClient { return r.api.Company(r.PathValue("id")) }

// param is a parameter of the address.
func (r *request) param(name string) string { return strings.TrimSpace(r.URL.Query().Get(name)) }

// field is a field of the form.
func (r *request) field(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// text is a field of the form as it was typed, with line feeds alone at the ends of lines.
func (r *request) text(name string) string {
	return strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n")
}

// secrets says whether the address asks for secrets in clear.
func (r *request) secrets() adminapi.Secrets { return r.param("reveal") == "true" }

// CompanyParam is the company as addresses name it, "" for the first.
func (r *request) CompanyParam() string {
	if len(r.Companies) > 0 && r.Company.ID == r.Companies[0].ID {
		return ""
	}
	return r.Company.Name
}

// Link makes a link to a page of the same company, with names and values of parameters; empty values are left out, and the last
// one of a name stands.
func (r *request) Link(to string, pairs ...string) string {
	query := url.Values{}
	for pairs = append(pairs, "company", r.CompanyParam()); len(pairs) > 1; pairs = pairs[2:] {
		if query.Del(pairs[0]); pairs[1] != "" {
			query.Set(pairs[0], pairs[1])
		}
	}
	if len(query) == 0 {
		return to
	}
	return to + "?" + query.Encode()
}

// LinkTo makes a link to a page of the same company by the parts of its path.
func (r *request) LinkTo(parts ...string) string { return r.Link(pathOf(parts...)) }

// Here is the address of the page that is shown, without what the last form did; that of a page that answers a form is the page's
// whose form it is.
func (v view) Here() string {
	if v.Method != http.MethodGet {
		return v.Link("/" + v.Nav)
	}
	query := v.URL.Query()
	query.Del("done")
	return strings.TrimSuffix(v.URL.EscapedPath()+"?"+query.Encode(), "?")
}

// Elsewhere is the address of the same list, form or tool of another company.
func (v view) Elsewhere(other adminapi.Company) string {
	if v.Nav == "companies" {
		return pathOf("companies", other.ID) + "?company=" + url.QueryEscape(other.Name)
	}
	return "/" + v.Nav + "?company=" + url.QueryEscape(other.Name)
}

// back leads to the page that a form of the header stands on, and says there what was done; nil for forms that stand on a page of
// their own.
func (r *request) back(done string) *page {
	at, err := url.Parse(r.field("back"))
	if err != nil || at.Scheme != "" || at.Host != "" || !strings.HasPrefix(at.Path, "/") || strings.ContainsRune(at.Path, '\\') || strings.HasPrefix(at.Path, "//") {
		return nil
	}
	query := at.Query()
	query.Set("done", done)
	at.RawQuery = query.Encode()
	return &page{redirect: at.RequestURI()}
}

// done leads to a page and says there what was done, by a key of messages.
func (r *request) done(what string, path ...string) *page {
	return &page{redirect: r.Link(pathOf(path...), "done", what)}
}

// pathOf joins the parts of a path, each escaped.
func pathOf(parts ...string) string {
	var out strings.Builder
	for _, part := range parts {
		out.WriteString("/" + url.PathEscape(part))
	}
	return out.String()
}

// list is a list of a page, with its filters.
type list struct {
	Filters url.Values
	Rows    any    // what the page lists
	Next    string // link to the next page, "" at the end
	First   string // link to the first page, "" on it

	From, To, Found int // of a list that is there as a whole: the first and the last on the page, counted from 1, of how many

	r    *request
	path string
}

// Filter is the value of a filter.
func (l list) Filter(name string) string { return l.Filters.Get(name) }

// newList is the list at a path, with the filters of the address.
func (r *request) newList(path string, filters ...string) list {
	l := list{Filters: url.Values{}, r: r, path: path}
	for _, name := range filters {
		if value := r.param(name); value != "" {
			l.Filters.Set(name, value)
		}
	}
	return l
}

// With is the address of the list in which some filters, names and values in turn, have other values; "" takes one away.
func (l list) With(changed ...string) string {
	var pairs []string
	for name := range l.Filters {
		pairs = append(pairs, name, l.Filters.Get(name))
	}
	return l.r.Link(l.path, append(pairs, changed...)...)
}

// rows is the page of a list that the address asks for.
func (r *request) rows() adminapi.Page { return adminapi.Page{Limit: 50, Cursor: r.param("cursor")} }

// show shows a page of the list, with links to its other pages; next is the cursor of the next one.
func (l *list) show(rows any, next string) {
	l.Rows = rows
	if next != "" {
		l.Next = l.With("cursor", next)
	}
	if l.r.param("cursor") != "" {
		l.First = l.With()
	}
}

// showPart shows the part of a whole list that the address asks for, whose cursor is a number.
func showPart[T any](l *list, all []T) {
	const size = 50
	start, err := strconv.Atoi(l.r.param("cursor"))
	if err != nil || start < 0 || start >= len(all) {
		start = 0
	}
	end, next := min(start+size, len(all)), ""
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	l.From, l.To, l.Found = start+1, end, len(all)
	l.show(all[start:end], next)
}

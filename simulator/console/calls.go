package console

import (
	"maps"
	"net/http"
	"strconv"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/snippet"
)

type callsView struct {
	list
	Archive string // where the listed calls are as an HTTP archive
	Presets []preset
	More    string // how many refused ones reached no company; "" = none, or they are not asked for
}

// preset is a choice of calls that is made by one click.
type preset struct {
	Key, Name, To string
	Chosen        bool
}

// presets are those of the list, with the other filters as they are.
func (v callsView) presets() (all []preset) {
	for _, p := range [][5]string{
		{"calls", "calls"}, {"refused", "refused", "refused"}, {"pages", "page views", "", "page"}, {"all", "all", "", "any"}, {"unknown", "reached no company", "", "any", "true"},
	} {
		chosen := v.Filter("outcome") == p[2] && v.Filter("kind") == p[3] && v.Filter("unknown") == p[4]
		all = append(all, preset{p[0], p[1], v.With("outcome", p[2], "kind", p[3], "unknown", p[4]), chosen})
	}
	return all
}

func calls(r *request) (*page, error) {
	v := callsView{list: r.newList("/calls", "kind", "outcome", "stage", "status", "payment", "unknown", "q")}
	v.Presets = v.presets()
	p := &page{template: "calls", Title: "Calls", Nav: "calls", Live: "all"}
	q := adminapi.QueryOf[adminapi.RequestQuery](v.Filter)
	q.Page, q.Kind = r.rows(), v.kind()
	p.Events = "/v1/events/requests?company=" + r.Company.ID
	if q.Unknown {
		p.Events = "/v1/events/requests?unknown=true"
	}
	var err error
	if text := v.Filter("status"); text != "" {
		if q.Status, err = strconv.Atoi(text); err != nil || q.Status < 100 || q.Status > 599 {
			p.Data = v
			p.fail("filter", &adminapi.Error{Status: http.StatusBadRequest, Message: "status must be one of HTTP's, such as 400"})
			return p, nil //nolint:nilerr // the page says it
		}
	}
	found, err := r.current().Requests().List(r.Context(), q)
	if err == nil {
		v.More, err = r.current().Requests().Elsewhere(r.Context(), q)
	}
	if err := p.filtered(r, err); err != nil {
		return nil, err
	}
	v.show(found.Requests, found.Next)
	v.Archive = v.archive()
	p.Data = v
	return p, nil
}

// kind is which calls are listed: those of the API unless the address says otherwise.
func (v callsView) kind() string {
	switch kind := v.Filter("kind"); kind {
	case "":
		return "call"
	case "any":
		return ""
	default:
		return kind
	}
}

// archive is where the calls of the page are as an HTTP archive; it is the admin API's, which wants either a company or none.
func (v callsView) archive() string {
	query, page := maps.Clone(v.Filters), v.r.rows()
	query.Del("kind")
	query.Set("limit", strconv.Itoa(page.Limit))
	for name, value := range map[string]string{"kind": v.kind(), "cursor": page.Cursor} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if v.Filter("unknown") != "true" {
		query.Del("unknown")
		query.Set("company", v.r.Company.ID)
	}
	return "/v1/requests.har?" + query.Encode()
}

type callView struct {
	adminapi.Request
	Curl string
}

func call(r *request) (*page, error) {
	one, err := r.current().Requests().Request(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	v := callView{Request: one}
	if one.Payment != "" && one.Method == http.MethodPost && !strings.HasPrefix(one.Path, "/pay/") {
		paid, err := r.current().Payment(r.Context(), one.Payment)
		if err != nil && adminapi.StatusOf(err) != http.StatusNotFound { // it may have been dropped
			return nil, err
		}
		v.Body = string(paid.Request)
		if paid.Answer != nil {
			v.Answer = string(paid.Answer.Body)
		}
	}
	at, err := r.api.PublicURL(r.Context())
	if err != nil {
		return nil, err
	}
	v.Curl = curlOf(&v.Request, at.URL)
	return &page{template: "call", Title: v.title(r), Nav: "calls", Data: v}, nil
}

// title says what was called, and what came of it.
func (v callView) title(r *request) string {
	what := v.Method + " " + v.Path
	if v.PSP != "" {
		what = v.Method + " " + r.Provider(v.PSP) + " " + word(v.Type)
	}
	return what + " · " + strconv.Itoa(v.Status) + " " + v.Outcome
}

// curlOf is a command that makes a call again; its tokens are masked, so that it takes those of the shell's variables.
func curlOf(r *adminapi.Request, public string) string {
	c := snippet.Call{Method: r.Method, URL: public + r.Path, Body: r.Body}
	for _, h := range r.Headers {
		switch h.Name {
		case "Accept-Encoding", "Connection", "Content-Length", "User-Agent":
		case "Authorization":
			c.Headers = append(c.Headers, snippet.Header{Name: h.Name, Value: "Bearer ", Variable: "COMPANY_TOKEN"})
		case "X-User-Token", "X-User-Authorization":
			c.Headers = append(c.Headers, snippet.Header{Name: h.Name, Value: "Bearer ", Variable: "USER_TOKEN"})
		default:
			c.Headers = append(c.Headers, snippet.Header{Name: h.Name, Value: h.Value})
		}
	}
	return c.Curl()
}

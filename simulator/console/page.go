package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mozartosim/simulator/scenario"
)

// page is what a visit leads to.
type page struct {
	template string
	title    string
	nav      string // the current entry of the navigation
	data     any
	status   int    // 0 = 200
	live     string // what events concern it: all, or the payment of this id; "" = none
	failed   string // the form that failed
	why      *problem
}

// view is what templates see.
type view struct {
	*visit
	Title, Nav, Live string
	Data             any
	Failed           string
	Why              *problem
	Clock            clockBrief
}

// clockBrief is a company's clock.
type clockBrief struct {
	Mode    string    `json:"mode"`
	Factor  float64   `json:"factor"`
	Now     time.Time `json:"now"`
	Next    string    `json:"next"`
	Waiting int       `json:"waiting"`
}

// Manual says whether the clock waits for somebody to move it.
func (c clockBrief) Manual() bool { return c.Mode == "manual" }

// Company, Companies, Token, Version and NeedsLogin are for every page's frame.
func (v view) Company() companyBrief     { return v.company }
func (v view) Companies() []companyBrief { return v.companies }
func (v view) Token() string             { return v.formToken }
func (v view) NeedsLogin() bool          { return v.console.Token != "" }

// CompanyParam is the value of the query's company, "" for the first.
func (v view) CompanyParam() string {
	if len(v.companies) > 0 && v.company.ID == v.companies[0].ID {
		return ""
	}
	return v.company.Name
}

// To makes a link to a path of the console; At one of parts, each escaped.
func (v view) To(to string, pairs ...string) string { return v.link(to, pairs...) }
func (v view) At(parts ...string) string            { return v.link(pathOf(parts...)) }

// Typed is what was typed into a field of the form that failed, or what stands there otherwise.
func (v view) Typed(form, field, otherwise string) string {
	if v.Failed == form && v.PostForm != nil && v.PostForm.Has(field) {
		return v.PostForm.Get(field)
	}
	return otherwise
}

// Ticked says whether a box is ticked: as in the form that failed, or as it is otherwise.
func (v view) Ticked(form, field string, otherwise bool) bool {
	if v.Failed == form && v.PostForm != nil {
		return v.PostForm.Has(field)
	}
	return otherwise
}

// FailedForm is the problem of a form, nil unless that is the one that failed.
func (v view) FailedForm(form string) *problem {
	if v.Failed != form {
		return nil
	}
	return v.Why
}

// Notice is what the last form did, told by a key in the address.
func (v view) Notice() string { return notices()[v.ask("done")] }

func notices() map[string]string {
	return map[string]string{
		"decided": "Decided. What follows shows below as it happens.", "approved": "Approved.", "rejected": "Rejected.",
		"resent": "Sent once more: the new delivery is below.", "cancelled": "The delivery is given up.",
		"advanced": "The clock has moved.", "manual": "The clock is manual now: it moves when you move it.",
		"clock": "The clock is set.", "created": "The company is there, with credentials of its own.",
		"saved": "Saved.", "deleted": "Deleted.", "rule": "The rules are changed.", "settings": "The company is changed.", "outage": "The outage is set.",
		"mended": "The provider is in order again.", "reset": "The company's payments are forgotten.",
		"program": "The inbox will answer like that.", "put": "The scenario is in force.", "made": "The payment is made.",
	}
}

// draw writes a page.
func (c *console) draw(v *visit, p *page) {
	if p.failed != "" {
		p.live = "" // what was typed stays until it is sent
	}
	shown := view{visit: v, Title: p.title, Nav: p.nav, Live: p.live, Data: p.data, Failed: p.failed, Why: p.why}
	if v.company.ID != "" {
		if err := v.get(v.path("clock"), nil, &shown.Clock); err != nil {
			c.Log.Debug("console: no clock", "error", err)
		}
	}
	c.write(v.ResponseWriter, p.template, p.status, shown)
}

// loginView is what the login page says: why, or where to go on.
type loginView struct {
	Why *problem
	On  string
}

func (c *console) drawLogin(w http.ResponseWriter, status int, shown loginView) {
	c.write(w, "login", status, shown)
}

// write draws a template whole before its first byte leaves, so that an error is never half a page.
func (c *console) write(w http.ResponseWriter, name string, status int, shown any) {
	var text bytes.Buffer
	if err := c.templates[name].ExecuteTemplate(&text, "layout", shown); err != nil {
		c.Log.Error("console: draw a page", "page", name, "error", err)
		http.Error(w, "something went wrong in the simulator; its log has the details", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // nobody is left to tell
}

// readTemplates compiles every page with the frame around it.
func readTemplates() (map[string]*template.Template, error) {
	frame, err := template.New("").Funcs(functions()).ParseFS(files, "templates/frame/*.html")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	all := map[string]*template.Template{}
	for _, name := range names {
		whole, err := frame.Clone()
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

func functions() template.FuncMap {
	return template.FuncMap{
		"when": when, "clocktime": clockTime, "pretty": pretty, "compact": compact, "visible": visible, "asset": assetPath,
		"join": strings.Join, "lower": strings.ToLower, "has": func(list []string, one string) bool { return slices.Contains(list, one) },
		"amount": amount, "dict": dict, "span": func(d time.Duration) string { return scenario.FormatDuration(d) }, "word": word,
		"flowname": flowName, "prose": prose,
	}
}

// amount writes money with two decimals at least, as the hosted page does.
func amount(a fmt.Stringer) string {
	whole, decimals, _ := strings.Cut(a.String(), ".")
	for len(decimals) < 2 {
		decimals += "0"
	}
	return whole + "." + decimals
}

// when writes a point of time for people; clockTime writes its time of day.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

func clockTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("15:04:05.000")
}

// pretty indents JSON and leaves everything else as it is; the digits of numbers stay.
func pretty(raw any) string {
	text := asText(raw)
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return visible(text)
	}
	return out.String()
}

// visible puts a mark in the place of bytes that no page may hold.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, text)
}

func compact(raw any) string {
	text := asText(raw)
	var out bytes.Buffer
	if json.Compact(&out, []byte(text)) != nil {
		return text
	}
	return out.String()
}

func asText(raw any) string {
	switch raw := raw.(type) {
	case string:
		return raw
	case json.RawMessage:
		return string(raw)
	}
	text, err := marshal(raw)
	if err != nil {
		return fmt.Sprint(raw)
	}
	return string(text)
}

// dict hands several values to a template.
func dict(pairs ...any) map[string]any {
	all := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		all[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return all
}

// word writes a word of the API for people: awaiting_approval is "awaiting approval", PAYIN is "pay-in".
func word(text string) string {
	return strings.NewReplacer("_", " ", "-", " ", "PAYIN", "pay-in", "PAYOUT", "pay-out", "payin", "pay-in", "payout", "pay-out").Replace(text)
}

// piece is a part of a sentence: its words, or what stands in backticks.
type piece struct {
	Text string
	Code bool
}

// prose cuts a sentence at its backticks, so that a page shows code as code; a backtick without its other half stays.
func prose(text string) (pieces []piece) {
	for text != "" {
		before, rest, _ := strings.Cut(text, "`")
		code, after, closed := strings.Cut(rest, "`")
		if !closed {
			return append(pieces, piece{Text: text})
		}
		pieces, text = append(pieces, piece{Text: before}, piece{Text: code, Code: true}), after
	}
	return pieces
}

// asset is a file of the console's own.
type asset struct {
	text []byte
	kind string
	tag  string // of its content
}

func readAssets() (map[string]asset, error) {
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	all := map[string]asset{}
	for _, entry := range entries {
		text, err := fs.ReadFile(files, "assets/"+entry.Name())
		if err != nil {
			return nil, fmt.Errorf("console: %w", err)
		}
		sum := sha256.Sum256(text)
		all[entry.Name()] = asset{text, kinds[path.Ext(entry.Name())], `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return all, nil
}

func assetPath(name string) string { return "/assets/" + name }

// asset serves a file to whoever asks: the login page needs them too. Browsers ask again each time and get a short answer.
func (c *console) asset(w http.ResponseWriter, r *http.Request) {
	found, ok := c.assets[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	c.secure(w)
	header := w.Header()
	header.Set("Content-Type", found.kind)
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", found.tag)
	if r.Header.Get("If-None-Match") == found.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(found.text)
}

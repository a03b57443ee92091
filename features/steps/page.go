package steps

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/cells"
)

// longestPage is how much of a page is read.
const longestPage = 1 << 20

// browse opens a URL as a browser does, but follows no redirect.
func browse(ctx context.Context, w *World, a *answer, to *url.URL) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), http.NoBody)
	if err != nil {
		return failed(a.rules(a.op.Redirect), "the page's URL can't be opened: %v", err)
	}
	got, err := w.env.Client.Do(request)
	if err != nil {
		return failed(a.rules(a.op.Redirect), "the provider's page does not answer: %v", err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(io.LimitReader(got.Body, longestPage))
	if err != nil {
		return failed(a.rules(a.op.Redirect), "the provider's page breaks off: %v", err)
	}
	w.page = &page{got.StatusCode, got.Header, body}
	return nil
}

// openPage opens the provider's page.
func openPage(ctx context.Context, w *World, a *answer) error {
	to, err := a.pageURL()
	if err != nil {
		return err
	}
	return browse(ctx, w, a, to)
}

func openPageAt(ctx context.Context, w *World, a *answer, query string) error {
	to, err := a.pageURL()
	if err != nil {
		return err
	}
	to.RawQuery = query
	return browse(ctx, w, a, to)
}

// goBack takes the simulator's way from the page back to the shop.
func goBack(ctx context.Context, w *World, a *answer) error {
	to, err := a.pageURL()
	if err != nil {
		return err
	}
	to.RawQuery = ""
	return browse(ctx, w, a, to.JoinPath("return"))
}

// landing is where the page has sent the browser.
func (p *page) landing() (*url.URL, error) {
	to, err := url.Parse(p.header.Get("Location"))
	if err != nil || to.String() == "" {
		return nil, failed([]string{"return-urls"}, "the page sends the shopper nowhere: it answers %d", p.status)
	}
	return to, nil
}

func landsOn(w *World, p *page, cell string) error {
	to, err := p.landing()
	if err != nil {
		return err
	}
	to.RawQuery = ""
	return w.expectText("the shopper", "landing", to.String(), cell, "return-urls")
}

func landsWith(w *World, p *page, t cells.Table) error {
	to, err := p.landing()
	if err != nil {
		return err
	}
	query := map[string]any{}
	for name := range to.Query() {
		query[name] = to.Query().Get(name)
	}
	return w.expectTable("the landing's", query, t, func(string) []string { return []string{"return-urls"} })
}

func pageAnswers(p *page, status int) error {
	if p.status != status {
		return failed(nil, "the provider's page answered %d, expected %d", p.status, status)
	}
	return nil
}

func pageHasHeader(w *World, p *page, name, cell string) error {
	return w.expectText("the page's header", name, p.header.Get(name), cell)
}

func pageContains(p *page, text string) error {
	if !strings.Contains(string(p.body), text) {
		return failed(nil, "the page, which answered %d, does not contain %q", p.status, text)
	}
	return nil
}

func pageShows(p *page, want string) error {
	if state := p.attribute("data-state"); state != want {
		return failed(nil, "the page shows %q, expected %q", state, want)
	}
	return nil
}

func pageOffers(p *page, id string) error {
	if all := p.offers(); !slices.Contains(all, id) {
		return failed(nil, "the page, which shows %q, does not offer %q, but: %s", p.attribute("data-state"), id, strings.Join(all, ", "))
	}
	return nil
}

func pageDoesNotOffer(p *page, id string) error {
	if slices.Contains(p.offers(), id) {
		return failed(nil, "the page, which shows %q, offers %q, and was expected not to", p.attribute("data-state"), id)
	}
	return nil
}

func pageTextContains(p *page, id, text string) error {
	found := regexp.MustCompile(`(?s)\sdata-testid="` + regexp.QuoteMeta(id) + `"[^>]*>([^<]*)<`).FindSubmatch(p.body)
	if found == nil {
		return pageOffers(p, id)
	}
	if !strings.Contains(string(found[1]), text) {
		return failed(nil, "the page's %s is %q, expected something with %q in it", id, cells.Clip(string(found[1])), text)
	}
	return nil
}

// sendForm sends a form as the page that is open would, and follows to the page that comes next.
func sendForm(ctx context.Context, w *World, a *answer, p *page, t cells.Table) error {
	to, err := a.pageURL()
	if err != nil {
		return err
	}
	pairs, err := t.Pairs("field", "value")
	if err != nil {
		return err
	}
	form := url.Values{"turn": {p.attribute("data-turn")}}
	for _, pair := range pairs {
		form.Set(pair[0], pair[1])
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("the page's form: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err := w.env.Client.Do(request)
	if err != nil {
		return failed(nil, "the provider's page does not answer its form: %v", err)
	}
	_ = got.Body.Close() // only its Location matters
	if got.StatusCode != http.StatusSeeOther {
		return failed(nil, "the page's form was answered %d, expected 303", got.StatusCode)
	}
	next, err := to.Parse(got.Header.Get("Location"))
	if err != nil {
		return failed(nil, "the page's form leads nowhere: %v", err)
	}
	return browse(ctx, w, a, next)
}

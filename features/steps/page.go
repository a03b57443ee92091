package steps

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// longestPage is how much of a page is read.
const longestPage = 1 << 20

// openPage opens the provider's page as a browser would.
func openPage(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if err := answerRedirects(w, Args{}); err != nil {
		return err
	}
	value, _ := lookup(a.doc.Fields, a.op.Redirect) // answerRedirects has seen it
	return w.browse(a, shown(value))
}

// browse opens a URL as a browser does, but follows no redirect.
func (w *World) browse(a *answer, target string) error {
	request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, target, http.NoBody)
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
	w.page = &answer{status: got.StatusCode, header: got.Header, body: body}
	return nil
}

// goBack takes the simulator's way from the page back to the shop.
func goBack(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if err := answerRedirects(w, Args{}); err != nil {
		return err
	}
	value, _ := lookup(a.doc.Fields, a.op.Redirect) // answerRedirects has seen it
	page, _, _ := strings.Cut(shown(value), "?")
	return w.browse(a, page+"/return")
}

// landing is where the page has sent the browser.
func (w *World) landing() (*url.URL, error) {
	if w.page == nil {
		return nil, fmt.Errorf("nobody has gone back yet: \"When the shopper goes back to the shop\" must come before")
	}
	to, err := url.Parse(w.page.header.Get("Location"))
	if err != nil || to.String() == "" {
		return nil, failed([]string{"return-urls"}, "the page sends the shopper nowhere: it answers %d", w.page.status)
	}
	return to, nil
}

func landsOn(w *World, a Args) error {
	to, err := w.landing()
	if err != nil {
		return err
	}
	bare := *to
	bare.RawQuery = ""
	if wanted := w.expect(bare.String(), true, a.Values[0]); wanted != "" {
		return failed([]string{"return-urls"}, "%s", mismatch("the shopper", "landing", bare.String(), true, wanted))
	}
	return nil
}

func landsWith(w *World, a Args) error {
	to, err := w.landing()
	if err != nil {
		return err
	}
	query := map[string]any{}
	for name := range to.Query() {
		query[name] = to.Query().Get(name)
	}
	return w.expectTable("the landing's", query, a.Table, func(string) []string { return []string{"return-urls"} })
}

func pageAnswers(w *World, a Args) error {
	if w.page == nil {
		return fmt.Errorf("no page has been opened yet: \"When the shopper opens the provider's page\" must come before")
	}
	if w.page.status != a.Int(0) {
		return failed(nil, "the provider's page answered %d, expected %s", w.page.status, a.Values[0])
	}
	return nil
}

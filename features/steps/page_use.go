package steps

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// pageSteps use the simulator's pages as a shopper's browser does: what a page shows, which controls it has, and its forms.
// Which states and controls there are stands in simulator/pages/TESTIDS.md.
func pageSteps() []Step {
	const c = NeedsControl
	return []Step{
		{"the page has the header {string} {string}", "A header of the provider's page and what it is.",
			`Then the page has the header "Content-Type" "/html/"`, 0, pageHasHeader},
		{"the page contains {string}", "The page's HTML has this text in it.", `Then the page contains "Pay by card"`, 0, pageContains},
		{"the shopper opens the provider's page at {string}", "The same page with a query: another coin, a step of it, a test card.",
			`When the shopper opens the provider's page at "coin=BTC"`, c, openPageAt},
		{"the page shows {string}", "What the simulated page is about, its data-state, such as invoice, choose, card, challenge, decided or used.",
			`Then the page shows "choose"`, c, pageShows},
		{"the page offers {string}", "The simulated page has this control or text, by its data-testid.",
			`And the page offers "bank-success"`, c, pageOffers},
		{"the page does not offer {string}", "It has none of that name.", `And the page does not offer "card-pay"`, c, pageDoesNotOffer},
		{"the page's {string} contains {string}", "The text of that control.",
			`And the page's "crypto-address" contains "btc-"`, c, pageTextContains},
		{"the shopper sends the page's form:", "Sends a form of the simulated page and looks at the page that comes next: do is the button's value, the rest what was typed.",
			"When the shopper sends the page's form:\n  | do | approve |", c, sendForm},
		{"the simulator's inbox has {int} webhook(s)", "Webhooks of a configuration without webhookUrl lie in it.",
			`Then the simulator's inbox has 1 webhook`, c, inboxHas},
	}
}

// pageURL is where the newest answer sends the shopper.
func (w *World) pageURL() (*answer, *url.URL, error) {
	a, err := w.last()
	if err != nil {
		return nil, nil, err
	}
	if err := answerRedirects(w, Args{}); err != nil {
		return nil, nil, err
	}
	value, _ := lookup(a.doc.Fields, a.op.Redirect) // answerRedirects has seen it
	to, err := url.Parse(shown(value))
	if err != nil {
		return nil, nil, failed(a.rules(a.op.Redirect), "the page's URL can't be read: %v", err)
	}
	return a, to, nil
}

func openPageAt(w *World, a Args) error {
	answered, to, err := w.pageURL()
	if err != nil {
		return err
	}
	to.RawQuery = a.Values[0]
	return w.browse(answered, to.String())
}

// opened returns the page that was opened last, or tells the author that there is none.
func (w *World) opened() (*answer, error) {
	if w.page == nil {
		return nil, fmt.Errorf("no page has been opened yet: \"When the shopper opens the provider's page\" must come before")
	}
	return w.page, nil
}

func pageHasHeader(w *World, a Args) error {
	page, err := w.opened()
	if err != nil {
		return err
	}
	value, name := page.header.Get(a.Values[0]), a.Values[0]
	if wanted := w.expect(value, value != "", a.Values[1]); wanted != "" {
		return failed(nil, "%s", mismatch("the page's header", name, value, value != "", wanted))
	}
	return nil
}

func pageContains(w *World, a Args) error {
	page, err := w.opened()
	if err != nil {
		return err
	}
	if !strings.Contains(string(page.body), a.Values[0]) {
		return failed(nil, "the page, which answered %d, does not contain %q", page.status, a.Values[0])
	}
	return nil
}

// attribute returns the first value of an attribute of the page.
func (a *answer) attribute(name string) string {
	found := regexp.MustCompile(`\s` + name + `="([^"]*)"`).FindSubmatch(a.body)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// offers lists the page's test ids.
func (a *answer) offers() []string {
	var all []string
	for _, found := range regexp.MustCompile(`\sdata-testid="([^"]*)"`).FindAllSubmatch(a.body, -1) {
		all = append(all, string(found[1]))
	}
	return all
}

func pageShows(w *World, a Args) error {
	page, err := w.opened()
	if err != nil {
		return err
	}
	if state := page.attribute("data-state"); state != a.Values[0] {
		return failed(nil, "the page shows %q, expected %q", state, a.Values[0])
	}
	return nil
}

func pageOffers(w *World, a Args) error       { return w.pageOffers(a.Values[0], true) }
func pageDoesNotOffer(w *World, a Args) error { return w.pageOffers(a.Values[0], false) }

func (w *World) pageOffers(id string, wanted bool) error {
	page, err := w.opened()
	if err != nil {
		return err
	}
	all := page.offers()
	switch there := slices.Contains(all, id); {
	case there && !wanted:
		return failed(nil, "the page, which shows %q, offers %q, and was expected not to", page.attribute("data-state"), id)
	case !there && wanted:
		return failed(nil, "the page, which shows %q, does not offer %q, but: %s", page.attribute("data-state"), id, strings.Join(all, ", "))
	}
	return nil
}

func pageTextContains(w *World, a Args) error {
	page, err := w.opened()
	if err != nil {
		return err
	}
	found := regexp.MustCompile(`(?s)\sdata-testid="` + regexp.QuoteMeta(a.Values[0]) + `"[^>]*>([^<]*)<`).FindSubmatch(page.body)
	if found == nil {
		return w.pageOffers(a.Values[0], true)
	}
	if text := string(found[1]); !strings.Contains(text, a.Values[1]) {
		return failed(nil, "the page's %s is %q, expected something with %q in it", a.Values[0], clip(text), a.Values[1])
	}
	return nil
}

// sendForm sends a form as the page that is open would, and follows to the page that comes next.
func sendForm(w *World, a Args) error {
	answered, to, err := w.pageURL()
	if err != nil {
		return err
	}
	page, err := w.opened()
	if err != nil {
		return err
	}
	form := url.Values{"turn": {page.attribute("data-turn")}}
	for i, row := range a.Table {
		if len(row) != 2 {
			return fmt.Errorf("a row of the table must have two cells, field and value; row %d has %d", i+1, len(row))
		}
		form.Set(row[0], row[1])
	}
	request, err := http.NewRequestWithContext(w.ctx, http.MethodPost, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("the page's form: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err := w.env.Client.Do(request)
	if err != nil {
		return failed(nil, "the provider's page does not answer its form: %v", err)
	}
	_ = got.Body.Close() // it says no more than where to go
	if got.StatusCode != http.StatusSeeOther {
		return failed(nil, "the page's form was answered %d, expected 303", got.StatusCode)
	}
	next, err := to.Parse(got.Header.Get("Location"))
	if err != nil {
		return failed(nil, "the page's form leads nowhere: %v", err)
	}
	return w.browse(answered, next.String())
}

func inboxHas(w *World, a Args) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	var list struct {
		Received []struct{} `json:"received"`
	}
	if err := w.control(http.MethodGet, "/v1/inbox", of(c), nil, &list); err != nil {
		return err
	}
	if len(list.Received) != a.Int(0) {
		return failed([]string{"no-webhook-url"}, "the simulator's inbox has %s, expected %s", count(len(list.Received), "webhook"), a.Values[0])
	}
	return nil
}

package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// good is a page without violations.
const good = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pay</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>
:root { color-scheme: light dark } body { margin: 1rem; color: #222; background: #fff; font: 16px sans-serif }
button, input, select, summary { min-height: 32px; min-width: 32px; font: inherit; color: #222; background: #fff; border: 1px solid #555 }
:focus-visible { outline: 3px solid #06c } .hint { color: #666 }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } .hint { color: #aaa } a { color: #8cf } }
</style></head><body><main>
<h1>Pay 100.00 CAD</h1><p class="hint">To the shop</p>
<form><h2>Card</h2>
<label for="n">Card number</label> <input id="n" name="n" value="4111">
<label>Bank <select name="b"><option>One</option><option>Two</option></select></label>
<fieldset><legend>How</legend><label><input type="radio" name="how" checked> Now</label> <label><input type="radio" name="how"> Later</label></fieldset>
<h3>Details</h3><details><summary>More</summary><p>Much more, with a <a href="#n">link</a>.</p></details>
<table><thead><tr><th>Fee</th></tr></thead><tbody><tr><td>0.00</td></tr></tbody></table>
<img alt="A code" src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" width="40" height="40">
<svg aria-hidden="true" width="10" height="10"><path d="M0 0h10v10z"/></svg>
<button disabled style="color:#eee">Not yet</button> <button data-testid="pay">Pay</button></form>
<h2>Help</h2><p><a href="#top">Back to the top</a></p>
</main></body></html>`

// violating are changes of the good page that break one thing each, and the rules that must report it.
func violating() []struct{ name, from, to, rules string } {
	return []struct{ name, from, to, rules string }{
		{"no language", ` lang="en"`, ``, "language"},
		{"no title", `<title>Pay</title>`, ``, "title"},
		{"no viewport", `name="viewport"`, `name="view"`, "viewport"},
		{"no zooming", `initial-scale=1`, `user-scalable=no`, "viewport"},
		{"no main", `main>`, `div>`, "main region"},
		{"an id twice", `<h2>Help</h2>`, `<h2 id="n">Help</h2>`, "id"},
		{"an id that is not there", `<button data-testid="pay">`, `<button data-testid="pay" aria-describedby="nothing">`, "id"},
		{"label tied to nothing", `<label for="n">`, `<label for="m">`, "label name"},
		{"field without a label", `<label for="n">Card number</label>`, ``, "name"},
		{"placeholder for a label", `<label for="n">Card number</label> <input`, `<input placeholder="Card number" `, "label"},
		{"title for a label", `<label for="n">Card number</label> <input`, `<input title="Card number" `, "label"},
		{"select without a label", `<label>Bank <select name="b">`, `<label for="n">Bank</label><label><select name="b">`, "name"},
		{"button without a name", `>Pay</button>`, `></button>`, "name"},
		{"link without a name", `<a href="#top">Back to the top</a>`, `<a href="#top"><img alt="" src="data:," width="40" height="40"></a>`, "name"},
		{"button hidden from screen readers", `<button data-testid="pay">`, `<button data-testid="pay" aria-hidden="true">`, "role"},
		{"link that is a span", `<a href="#top">Back to the top</a>`, `<span onclick="1">Back to the top</span>`, "control role"},
		{"looks like a button", `<p class="hint">`, `<p class="hint" style="cursor:pointer">`, "control"},
		{"button without its role", `<button data-testid="pay">Pay</button>`, `<div tabindex="0" style="min-height:32px">Pay</div>`, "role"},
		{"no h1", `<h1>Pay 100.00 CAD</h1>`, `<p>Pay</p>`, "heading"},
		{"two h1", `<h2>Help</h2>`, `<h1>Help</h1>`, "heading"},
		{"a level is missing", `<h2>Card</h2>`, ``, "heading"},
		{"an empty heading", `<h2>Help</h2>`, `<h2><span style="display:block;height:1px"></span></h2>`, "heading"},
		{"picture without a name", `<img alt="A code"`, `<img`, "image"},
		{"drawing without a name", `<svg aria-hidden="true"`, `<svg`, "image"},
		{"table without headers", `<th>Fee</th>`, `<td>Fee</td>`, "table"},
		{"pale text", `color: #666`, `color: #999`, "contrast"},
		{"pale in the dark", `.hint { color: #aaa }`, `.hint { color: #444 }`, "contrast"},
		{"pale through opacity", `.hint { color: #666 }`, `.hint { color: #666; opacity: .6 }`, "contrast"},
		{"pale on a gradient", `<p class="hint">`, `<p class="hint" style="background:linear-gradient(#fff, #777)">`, "contrast"},
		{"pale in oklch", `<p class="hint">`, `<p style="background:oklch(0.6 0.1 250);color:oklch(0.65 0.1 250)">`, "contrast"},
		{"pale in a field", `value="4111"`, `value="4111" style="color:#aaa"`, "contrast"},
		{"pale placeholder", `value="4111"`, `placeholder="4111 1111" class="n"><style>::placeholder { color: #ccc }</style`, "contrast"},
		{"out of the Tab order", `<button data-testid="pay">`, `<button data-testid="pay" tabindex="-1">`, "keyboard"},
		{"a keyboard trap", `<button data-testid="pay">Pay`, `<button data-testid="pay" id="trap">Pay</button><script>
			document.getElementById("trap").onkeydown = e => { if (e.key === "Tab") e.preventDefault() }</script><button>Next`, "keyboard trap"},
		{"a keyboard ring", `<a href="#top">`, `<a id="last" onkeydown="if (event.key === 'Tab') { event.preventDefault(); document.querySelector('summary').focus() }" href="#top">`, "trap"},
		{"invisible focus", `:focus-visible { outline: 3px solid #06c }`, `:focus-visible { outline: none }`, "focus"},
		{"out of order", `<a href="#top">`, `<a href="#top" tabindex="3">`, "order"},
		{"reversed by the style", `<p><a href="#top">`, `<p style="display:flex;flex-direction:row-reverse"><a href="#top" style="padding:4px">`, "order"},
		{"wider than the window", `<h2>Help</h2>`, `<h2>Help</h2><div style="width:1400px">wide</div>`, "width"},
		{"too small for a thumb", `<button data-testid="pay">`, `<button data-testid="pay" style="min-height:0;min-width:0;height:16px;padding:0">`, "target"},
		{"a name without the text", `<button data-testid="pay">`, `<button data-testid="pay" aria-label="Send">`, "spoken"},
		{"a drawing's link without its text", `<svg aria-hidden="true" width="10" height="10">`, `<svg role="group" aria-label="Who" width="40" height="40"><a href="#n" aria-label="two"><rect width="40" height="40"/><text y="20">one</text></a></svg><svg aria-hidden="true" width="10" height="10">`, "spoken"},
		{"text in no landmark", `</main>`, `</main><p>beside it</p>`, "region"},
		{"what scrolls by the mouse alone", `<h2>Help</h2>`, `<h2>Help</h2><div style="height:40px;overflow-y:auto"><p>a</p><p>b</p><p>c</p></div>`, "scrollable trap"},
		{"two landmarks of one name", `<h2>Help</h2>`, `<h2>Help</h2><section aria-label="Help"><p>a</p></section><section aria-label="Help"><p>b</p></section>`, "landmark"},
		{"cut off", `<h2>Help</h2>`, `<h2 style="width:30px;overflow:hidden;white-space:nowrap">Help and advice</h2>`, "cut"},
		{"covered while it has the focus", `<button data-testid="pay">`, `<div style="position:fixed;inset:0;background:#fff"></div><button data-testid="pay">`, "covered"},
	}
}

// The checks find each of these violations and no other, and none in the good page.
func TestChecks(t *testing.T) {
	t.Parallel()
	cases := violating()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := good
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err == nil {
			page = strings.ReplaceAll(page, cases[n].from, cases[n].to)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
	}))
	t.Cleanup(server.Close)
	tab := newTab(t, server.URL)
	tab.Allow("FormLabelForMatchesNonExistingIdError") // the browser reports that one too
	tab.Open(server.URL + "/good")
	for _, scheme := range []Scheme{Light, Dark} {
		tab.Emulate(desktop, scheme)
		if violations := tab.Check(); len(violations) > 0 {
			t.Errorf("the good page, %s: %v", scheme, violations)
		}
	}
	for n, c := range cases {
		if !strings.Contains(good, c.from) {
			t.Errorf("%s: the good page has no %q", c.name, c.from)
		}
		tab.Emulate(desktop, Light)
		if strings.Contains(c.name, "dark") {
			tab.Emulate(desktop, Dark)
		}
		tab.Open(fmt.Sprintf("%s/%d", server.URL, n))
		if violations := tab.Check(); rules(violations) != c.rules {
			t.Errorf("%s: found %q, want %q: %v", c.name, rules(violations), c.rules, violations)
		}
	}
}

// Package pages serves the hosted pages on which shoppers pay: the redirect URL of a payment is /pay/<psp>/<session>.
//
// A page shows what its payment's state asks for (state.go): an invoice, a bank, a card form, a step-up, an outcome. Its forms
// POST to the page's own address and are always answered by a 303 (act.go, actions.go), so that reloading, going back, clicking twice and
// two tabs decide nothing twice: a form says how many decisions it knows of, and one that knows too few changes nothing.
//
//	GET  ─▶ session ─▶ state ─▶ view ─▶ template ─▶ page
//	POST ─▶ same origin? ─▶ form ─▶ session ─▶ decide (or the next step) ─▶ 303 to the page
//	GET …/return ─▶ session ─▶ ReturnURL (the call and the configuration alone) ─▶ 303 to the merchant's
//
// shop.go is the demo company's shop, a merchant's side of the same journey: it makes a payment (merchant.go), sends the browser to its
// page, and is where the shopper comes back to and sees the webhook arrive.
//
// calls.go has the log of calls keep those of pages. front.go is what a browser sees at the listener's address alone.
//
// Everything works without a script; the page's one (assets/page.js) counts down and reloads the page when the payment changes.
// TESTIDS.md lists the addresses, states and test ids; a test compares it with the templates.
//
// What a shopper types into a card form exists only during the request: nothing of it is kept, logged or shown again.
package pages

// Package browsertest tests hosted pages and the console in a real browser.
//
// All tests share one Chromium; each has a browser context of its own, without the cookies of others. A tab's monitor fails
// the test on what must not happen in a page: an error on its console, an exception, a failed request, or one to a host that
// is not the test's. Tests wait for what the browser reports (a page has loaded, the document has changed), never for time.
//
// Accessible checks a page for people who use a screen reader or no mouse, or read it on a phone: it reads the browser's
// accessibility tree, computes contrasts from the computed styles, and walks through the page by Tab key.
//
//	chromium_test.go       finds, starts and stops Chromium
//	tab_test.go            one page: type, choose, read, wait
//	navigate_test.go       from page to page
//	click_test.go          clicks, also double and repeated ones
//	monitor_test.go        what must not happen in a page
//	screen_test.go         phone and desktop, light and dark, screenshots
//	accessibility_test.go  the accessibility checks, with axtree_test.go, audit.js and keyboard.js
//	merchant_test.go       the merchant whose shoppers pay
package browsertest

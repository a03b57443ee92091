// Package browsertest drives a real browser against a running simulator: hosted pages as a shopper sees them, the console as
// the team does.
//
// One Chromium serves a whole test binary; each test has a browser context of its own, with no cookies but its own. A Tab
// watches what its page does: an error on its console, an exception, a failed request, or one to a host that is not the
// test's own, fails the test. Waiting is for what the browser tells (a page has loaded, the document changed), never for time.
//
// Check holds a page against what people need who don't see it, don't use a mouse, or read it on a phone: it reads the
// browser's own accessibility tree, computes contrasts from the computed styles, and walks through the page by Tab key.
//
//	browser.go      finds and starts Chromium, and stops it
//	tab.go          one page: click, type, read, wait
//	nav.go          from page to page;  press.go  clicks, the impolite ones too
//	watch.go        what must not happen while a test looks at a page
//	screen.go       phone and desktop, light and dark, screenshots
//	check.go        the whole check;  tree.go  the accessibility tree;  audit.js, keyboard.js  what is asked in the page
package browsertest

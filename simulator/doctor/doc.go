// Package doctor looks for what usually goes wrong around a simulator and says how to fix it: ports in use, webhooks that
// can't arrive, pages that a browser can't open, manual clocks that nobody advances, tokens of another company, settings
// without an effect, a data file that can't be opened.
//
// It changes nothing: the one request that it sends to a merchant is a HEAD of the webhook URL.
package doctor

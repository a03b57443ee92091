// Package doctor looks for what usually goes wrong around a simulator and says how to mend it: taken ports, webhooks that
// can't arrive, pages that a browser can't open, clocks that were left standing, tokens of another company, settings without
// an effect, a data file that does not hold.
//
// It only looks: the one request that it sends to a merchant is a HEAD of the webhook URL, which credits nobody.
package doctor

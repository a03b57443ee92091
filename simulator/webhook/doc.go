// Package webhook is how one attempt at delivering a notice is made: secured, sent, judged, explained, bounded, and
// made to misbehave when a scenario says so. It remembers nothing: which deliveries there are, and how often each was
// tried, stands in the journal.
//
//	attempt.go    what is sent (Attempt) and what came of it (Result)
//	client.go     sends an Attempt: POST, 10 s, no redirects, no proxy
//	answer.go     reads and bounds the merchant's answer
//	targets.go    which addresses may be dialled at all
//	explain.go    a failure in words: connection refused, TLS: unknown authority, timeout after 10s
//	ladder.go     how long to wait after the n-th failed attempt
//	secure.go     the Authorization header, and what of headers may be written down
//	lanes.go      many attempts at once: one payment's in order, one dead target delaying nobody
//	misbehave.go  broken bodies and wrong Authorization, drawn from a seeded stream
//
// Sources, as the contract's notes mark them. Documented: POST of JSON to the company's webhookUrl; the receiver answers
// within 10 s; a timeout or a non-2xx is a failed delivery and may be retried; isWebhookSecured adds an Authorization
// header with a shared secret; real environments need HTTPS. Assumed: the User-Agent, `Bearer <webhookSecret>`, the
// ladder, HTTP/1.1 without compression, that redirects are not followed, and that plain http is taken too.
package webhook

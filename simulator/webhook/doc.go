// Package webhook makes one attempt at delivering a notification: secured, sent, judged, explained, bounded, and wrong on
// purpose when a scenario says so. It has no state of its own: which deliveries there are, and how often each was tried, is in
// the journal. Package egress says which addresses may be dialled at all.
//
//	attempt.go    what is sent (Attempt) and what came of it (Result)
//	client.go     sends an Attempt: POST, 10 s, no redirects, no proxy
//	answer.go     reads and bounds the merchant's answer
//	explain.go    a failure in words: connection refused, TLS: unknown authority, timeout after 10s
//	retry.go      how long to wait after the n-th failed attempt
//	secure.go     the Authorization header, the verdict on its secret, and which parts of headers may be stored
//	pool.go       many attempts at once: one payment's in order, and no dead target delays another
//	misbehave.go  broken bodies and wrong Authorization, drawn from a seeded stream
//
// Where each rule comes from, as the contract's notes mark it. Documented: POST of JSON to the company's webhookUrl; the
// receiver answers within 10 s; a timeout or a non-2xx is a failed delivery and may be retried; isWebhookSecured adds an
// Authorization header with a shared secret; real environments need HTTPS. Assumed: the User-Agent, `Bearer <webhookSecret>`,
// the retry schedule, HTTP/1.1 without compression, that redirects are not followed, and that plain http is accepted too.
package webhook

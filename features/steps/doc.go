// Package steps is the vocabulary that features are written in: what a line such as "When the merchant sends it" does.
//
// Steps see a target from outside: the public URL, and the control API's where a step needs it and says so. All that a
// scenario knows (its request, its answers, its webhooks, its company) is in one World, made for it and dropped after it,
// so scenarios run side by side.
//
//	vocabulary.go    the one table: pattern, what it does, an example, what it needs of the target
//	vocabulary_types.go, expression.go    what a row is, how patterns are read
//	world.go         a scenario's state;  environment.go  what it is given
//	company.go, control.go, token.go    who calls, the simulator's own API, the tokens
//	mailbox.go       webhooks as they arrive;  masker.go  what is never shown
//	request.go call.go answer.go webhook.go payment.go company_steps.go    one file for each vocabulary
//	page.go          the provider's page, and the way back
//	webhook_wait.go  waiting for webhooks;  handler.go  how the merchant's servers answer
//	match.go, paths.go    what a cell of a table expects, where in a document
//	godog.go         the same steps for suites that Godog runs; the only file that imports it
package steps

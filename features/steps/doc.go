// Package steps is the vocabulary that features are written in: what a line such as "When the merchant sends it" does.
//
// Steps see a target from outside: the public URL, and the control API's where a step needs it and says so. All that a
// scenario knows (its request, its answers, its webhooks, its company) is in one World, made for it and dropped after it,
// so scenarios run side by side.
//
//	vocabulary.go   the one table: pattern, what it does, an example, what it needs of the target
//	expression.go   how patterns are read
//	world.go        a scenario's state;  environment.go  what it is given;  company.go, control.go  who pays, who is asked
//	mailbox.go      webhooks as they arrive
//	request_*.go call_*.go answer_*.go webhook_*.go payment_*.go company_*.go    one file for each vocabulary
//	match.go        what a cell of a table expects
//	godog.go        the same steps for suites that Godog runs; the only file that imports it
package steps

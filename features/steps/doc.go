// Package steps is the steps that features are written in: what a line such as "When the merchant sends it" does.
//
// Steps see a target from outside: the public URL, and the simulator's admin API where a step needs it and says so. All that a
// feature scenario knows (its request, its answers, its webhooks, its company) is in one World, made for it and dropped after it,
// so scenarios run side by side. A step is a function; what it is about, such as the newest answer, is its parameter.
//
//	steps.go         the one table: pattern, what it does, an example, what it needs of the target, its function
//	register.go      how Godog calls the functions;  vocabulary.go  how patterns are read, and the nearest to a text
//	world.go         a scenario's state;  environment.go  what it is given;  record.go  the evidence of its calls
//	request.go call.go answer.go    the call under test;  token.go  the tokens that it presents
//	company.go payment.go           the company that calls, its clock, the payment, by the admin API
//	inbox.go webhook.go             the webhooks received;  page.go  the provider's page, and the way back
//	expect.go        values against the cells of tables
package steps

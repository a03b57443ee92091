// Package observed holds what a real target was seen to do where it differs from the contract: the observations file, read strictly
// and written in one form only.
//
// A file is a list of observations. Each names the rule of the contract that it settles (its id in the ledger), says one thing
// that is different, and by what it is known: target, date, run, how often.
//
//	observations:
//	  - rule: PayonePayInAnswer.data.redirect_url
//	    renamed: data.redirectUrl
//	    was: 'documented: required, a RedirectUrl'
//	    seen:
//	      - {target: 'https://backend.stg-app.mozarto.io', date: "2026-11-28", run: 4f1c, times: 31}
//
// What can be different (file.go):
//
//	renamed, absent, added, form, constant, nullWhenEmpty   a field of an answer or a webhook
//	status, headers                                         of an answer; headers of a webhook too
//	error                                                   a refusal: status, message, problems, code, members
//	request                                                 a rule that is not enforced, or enforced in addition
//	notifications                                           which ones follow an outcome, in which order
//	delay                                                   of an answer or of webhooks
//	retries, authorization                                  of webhooks
//
// One description of each change (document.go) serves a contract that is loaded and the files that it is merged from.
//
// Provider and flow follow from the rule where it is a schema's; elsewhere flow says them.
package observed

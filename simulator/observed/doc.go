// Package observed makes the simulator do what a real target was seen to do: it compiles an observations file (package
// openapi/observed) into values that are applied at five places.
//
//	Unenforced  request rules: what the contract has of them is in the contract; named rules that are not enforced are listed
//	Answers     answers and, by Refuse, errors: fields, status, headers, delay
//	Webhook     notifications and their order; of webhooks the fields, the delay, headers, Authorization among them, and the retry schedule
//	Contract    the contract with the observations in it, which is published and judges requests and answers
//
// Providers don't know of it: what they answer is changed afterwards. Without a file each value is nil, and asking it costs no
// allocation.
package observed

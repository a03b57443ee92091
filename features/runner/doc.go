// Package runner runs features against a target and tells what it saw as an evidence.Run.
//
// Godog's parser reads the features (gherkin) and compiles them into pickles, one for each scenario and each example of an
// outline. The runner drives these itself instead of through Godog's suite, because it needs what that doesn't give: the
// evidence of every single try, scenarios tried again, reasons for not running one, an order of results that does not depend
// on the scheduling. What a step means is Godog's meaning: a text that matches one pattern, the first failure skips the
// rest, an unknown or ambiguous text fails. features_test.go has Godog's own suite run the same features as well.
//
//	suite.go     features and scenarios as they are written;  tags.go  which of them
//	run.go       workers, order, fail-fast;  attempt.go  one try of one scenario
//	target.go    what a target offers;  simulator.go, remote.go  the targets;  profile.go  contract.yaml
//	receiver.go  where webhooks arrive;  guard.go  what is never sent, and where never;  throttle.go  how fast
package runner

package certify

import "mozartosim/features/steps"

// blocked is why a check is not made: something that another check is for. Its points are lost.
type blocked struct{ why string }

func (b blocked) Error() string { return b.why }

func (b blocked) Unwrap() error { return notApplicable("it could not be tried: " + b.why) }

// notApplicable is why a check is not made that costs nothing.
func notApplicable(why string) error { return &steps.NotRun{Reason: why} }

// BlockedTag marks a scenario that was not run because of something that another check is for: its points are lost.
const BlockedTag = "@blocked"

package certify

// A check that is not made, and why: blocked by something that another check is for, which loses its points, or not applicable.
type (
	blocked       string
	notApplicable string
)

func (why blocked) Error() string       { return string(why) }
func (why notApplicable) Error() string { return string(why) }

// fatalError ends the run: the certifier itself can't go on.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

// fatal marks an error that is not the merchant's.
func fatal(err error) error {
	if err == nil {
		return nil
	}
	return fatalError{err}
}

// BlockedTag marks a scenario that was not run because of something that another check is for: its points are lost.
const BlockedTag = "@blocked"

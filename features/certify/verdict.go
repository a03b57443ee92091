package certify

// notMade is why a check is not made: blocked by something that another check is for, which loses its points, or not applicable.
type notMade struct {
	why     string
	blocked bool
}

func (n notMade) Error() string { return n.why }

func blocked(why string) error       { return notMade{why, true} }
func notApplicable(why string) error { return notMade{why, false} }

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

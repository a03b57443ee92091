package report

import (
	"mozartosim/features/evidence"
)

// Options are what a format can be asked for; the zero value is plain text at 100 columns.
type Options struct {
	Color bool // ANSI colours, for pretty and progress
	Width int  // columns, for pretty and progress; 0 = 100
}

func (o Options) width() int {
	if o.Width <= 0 {
		return 100
	}
	return max(o.Width, 40)
}

// Live is a format that can be written while the run goes on: Scenario is called once for each scenario as it ends, Done
// once behind the last. Calls must not overlap.
type Live interface {
	Scenario(f evidence.Feature, s evidence.Scenario)
	Done(run *evidence.Run)
}

package observe

import (
	"slices"

	"mozartosim/features/drift"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// Explain gives each finding of a comparison the observations that Learn makes of it, or why it makes none. There are none of a run
// of the simulator, and none when the simulator's run is the second: what a target does is learned by how it differs from that.
func Explain(r *drift.Report, contract *openapi.Contract) {
	if r.Reversed || r.Observed.Simulated() {
		return
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		l := newLearning(observed.File{}, contract)
		l.seen = sighting(r.Observed)
		for _, c := range f.Changes {
			if why := l.learn(c); why != "" && !slices.Contains(f.Undecided, why) {
				f.Undecided = append(f.Undecided, why)
			}
		}
		f.Observations = l.all.File.Observations
	}
}

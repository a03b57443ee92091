package observe

import (
	"errors"
	"fmt"

	"mozartosim/features/evidence"
)

// ReadRuns reads the evidence files of runs to learn from: those against a target, and at most one of the simulator, nil where there
// is none.
func ReadRuns(files []string) (simulated *evidence.Run, runs []*evidence.Run, err error) {
	for _, file := range files {
		run, err := evidence.ReadRun(file)
		switch {
		case err != nil:
			return nil, nil, err
		case !run.Simulated():
			runs = append(runs, run)
		case simulated != nil:
			return nil, nil, fmt.Errorf("%s is a second run of the simulator: give one", file)
		default:
			simulated = run
		}
	}
	if runs == nil {
		return nil, nil, errors.New("no run is against another target than the simulator: there is nothing to learn from")
	}
	return simulated, runs, nil
}

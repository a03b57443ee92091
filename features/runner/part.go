package runner

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mozartosim/features/evidence"
)

// part is the part of scenarios that the run is to make: what failed before, and of that its shard.
func (c Config) part(all []*scenario) (chosen []*scenario, err error) {
	failed := map[string]bool{}
	for _, run := range c.Rerun {
		for _, s := range run.Scenarios() {
			if s.Status == evidence.Failed {
				failed[s.ID] = true
			}
		}
	}
	if len(c.Rerun) > 0 {
		if len(failed) == 0 {
			return nil, errors.New("nothing failed in the run that is to be rerun")
		}
		all = slices.DeleteFunc(all, func(s *scenario) bool { return !failed[s.ID] })
		for _, s := range all {
			delete(failed, s.ID)
		}
		for id := range failed {
			return nil, fmt.Errorf("%d scenarios failed that are not among those chosen now, such as %s: give the same --features, --tags, --psp and --name as then", len(failed), id)
		}
	}
	n, of, err := shard(c.Shard)
	if err != nil {
		return nil, err
	}
	for i, s := range all { // neighbours take about as long, and so shards do when they are dealt out
		if i%of == n-1 {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no scenario is left: shard %s of %d scenarios is empty", c.Shard, len(all))
	}
	return chosen, nil
}

// shard reads "2/5"; "" is the whole.
func shard(text string) (n, of int, err error) {
	if text == "" {
		return 1, 1, nil
	}
	first, second, _ := strings.Cut(text, "/")
	n, errN := strconv.Atoi(first)
	of, errOf := strconv.Atoi(second)
	if errN != nil || errOf != nil || n < 1 || n > of {
		return 0, 0, fmt.Errorf("shard %q must be a number and how many there are, such as 2/5: the second of five", text)
	}
	return n, of, nil
}

package journaltest

import (
	"context"

	"mozartosim/simulator/journal"
)

// Copy is a journal.Source in memory.
type Copy struct {
	journal.Counters
	Streams []journal.StreamCopy
	Jobs    []journal.Job
}

// Export copies everything of a company as it is at one moment.
func Export(ctx context.Context, j journal.Journal, company string) (c Copy, err error) {
	err = j.Walk(ctx, company, journal.Visitor{
		Counters: func(n journal.Counters) error {
			c.Counters = n
			return nil
		},
		Stream: func(st journal.StreamCopy) error {
			c.Streams = append(c.Streams, st)
			return nil
		},
		Job: func(d journal.Job) error {
			c.Jobs = append(c.Jobs, d)
			return nil
		},
	})
	return c, err
}

// Read implements journal.Source.
func (c Copy) Read(to journal.Visitor) error {
	if err := to.Counters(c.Counters); err != nil {
		return err
	}
	for _, st := range c.Streams {
		if err := to.Stream(st); err != nil {
			return err
		}
	}
	for _, d := range c.Jobs {
		if err := to.Job(d); err != nil {
			return err
		}
	}
	return nil
}

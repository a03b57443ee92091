package snapshot

import (
	"encoding/json"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scenario"
)

// version changes when an older snapshot can't be read any more.
const version = 2

// document is a company's snapshot. Its JSON is written and read piece by piece, so the journal's streams and jobs are not in it.
type document struct {
	Version   int    `json:"version"`
	Simulator string `json:"simulator"` // the version that took it; it is not read again
	Company   struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"company"`
	Clock struct {
		Mode   clock.Mode `json:"mode"`
		Factor float64    `json:"factor"`
		Now    time.Time  `json:"now"`
		Ahead  int64      `json:"aheadMs"` // of the machine's clock; a real clock keeps that, and not its time
	} `json:"clock"`
	Journal struct { // its lists, of portable.Stream and portable.Job, are empty here
		journal.Counters
		Streams []json.RawMessage `json:"streams"`
		Jobs    []json.RawMessage `json:"jobs"`
	} `json:"journal"`
	Scenarios scenario.State  `json:"scenarios"`
	Inbox     []company.Reply `json:"inbox"`
	Outages   company.Outages `json:"outages"`
}

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
const version = 1

// document is a company's snapshot. Its JSON is written and read piece by piece, so the journal's streams and jobs are not in it.
type document struct {
	beforeJournal
	Journal documentJournal `json:"journal"`
	behindJournal
}

type beforeJournal struct {
	Version   int             `json:"version"`
	Simulator string          `json:"simulator"` // the version that took it; it is not read again
	Company   documentCompany `json:"company"`
	Clock     documentClock   `json:"clock"`
}

type behindJournal struct {
	Scenarios scenario.State   `json:"scenarios"`
	Inbox     []company.Reply  `json:"inbox"`
	Outages   []company.Outage `json:"outages"`
}

type documentCompany struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type documentClock struct {
	Mode   clock.Mode `json:"mode"`
	Factor float64    `json:"factor"`
	Now    time.Time  `json:"now"`
	Ahead  int64      `json:"aheadMs"` // of the machine's clock; a real clock keeps that, and not its time
}

// documentJournal are the journal's counters. Its lists are empty here.
type documentJournal struct {
	Ordinal uint64            `json:"ordinal"`
	Began   uint64            `json:"began"`
	Seq     uint64            `json:"seq"`
	Streams []json.RawMessage `json:"streams"`
	Jobs    []json.RawMessage `json:"jobs"`
}

// documentStream is a journal.StreamCopy; what entries hold is kept to the letter.
type documentStream struct {
	ID      string          `json:"id"`
	Ordinal uint64          `json:"ordinal"`
	Labels  [][2]string     `json:"labels,omitempty"`
	Keys    []string        `json:"keys,omitempty"`
	Done    int             `json:"done,omitempty"`
	Entries []documentEntry `json:"entries"`
}

type documentEntry struct {
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Data string    `json:"data"`
}

type documentJob struct {
	ID     string    `json:"id"`
	Stream string    `json:"stream"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Data   string    `json:"data"`
}

func fromStream(from journal.StreamCopy) documentStream {
	st := documentStream{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Done: from.Final, Entries: []documentEntry{}}
	for _, l := range from.Labels {
		st.Labels = append(st.Labels, [2]string{l.Name, l.Value})
	}
	for _, e := range from.Entries {
		st.Entries = append(st.Entries, documentEntry{e.Seq, e.At, e.Kind, string(e.Data)})
	}
	return st
}

func (from *documentStream) copied() journal.StreamCopy {
	st := journal.StreamCopy{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Final: from.Done}
	for _, l := range from.Labels {
		st.Labels = append(st.Labels, journal.Label{Name: l[0], Value: l[1]})
	}
	for _, e := range from.Entries {
		st.Entries = append(st.Entries, journal.Entry{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: dataOf(e.Data)})
	}
	return st
}

func (from *documentJob) copied() journal.Job {
	return journal.Job{ID: from.ID, Stream: from.Stream, At: from.At, Kind: from.Kind, Data: dataOf(from.Data)}
}

// dataOf keeps none as none.
func dataOf(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

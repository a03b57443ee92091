package snapshot

import (
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scenario"
)

// version changes when an older snapshot can't be read any more.
const version = 1

// Document is a company's snapshot.
type Document struct {
	Version   int              `json:"version"`
	Simulator string           `json:"simulator"` // the version that took it; it is not read again
	Company   documentCompany  `json:"company"`
	Clock     documentClock    `json:"clock"`
	Journal   documentJournal  `json:"journal"`
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

// documentJournal is a journal.Copy; what entries hold is kept to the letter.
type documentJournal struct {
	Ordinal uint64           `json:"ordinal"`
	Began   uint64           `json:"began"`
	Seq     uint64           `json:"seq"`
	Streams []documentStream `json:"streams"`
	Jobs    []documentJob    `json:"jobs"`
}

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

func fromCopy(c journal.Copy) documentJournal {
	j := documentJournal{Ordinal: c.Ordinal, Began: c.Began, Seq: c.Seq, Streams: []documentStream{}, Jobs: []documentJob{}}
	for _, from := range c.Streams {
		st := documentStream{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Done: from.Final, Entries: []documentEntry{}}
		for _, l := range from.Labels {
			st.Labels = append(st.Labels, [2]string{l.Name, l.Value})
		}
		for _, e := range from.Entries {
			st.Entries = append(st.Entries, documentEntry{e.Seq, e.At, e.Kind, string(e.Data)})
		}
		j.Streams = append(j.Streams, st)
	}
	for _, job := range c.Jobs {
		j.Jobs = append(j.Jobs, documentJob{job.ID, job.Stream, job.At, job.Kind, string(job.Data)})
	}
	return j
}

func (j documentJournal) toCopy() journal.Copy {
	c := journal.Copy{Ordinal: j.Ordinal, Began: j.Began, Seq: j.Seq}
	for _, from := range j.Streams {
		st := journal.StreamCopy{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Final: from.Done}
		for _, l := range from.Labels {
			st.Labels = append(st.Labels, journal.Label{Name: l[0], Value: l[1]})
		}
		for _, e := range from.Entries {
			st.Entries = append(st.Entries, journal.Entry{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: dataOf(e.Data)})
		}
		c.Streams = append(c.Streams, st)
	}
	for _, job := range j.Jobs {
		c.Jobs = append(c.Jobs, journal.Job{ID: job.ID, Stream: job.Stream, At: job.At, Kind: job.Kind, Data: dataOf(job.Data)})
	}
	return c
}

// dataOf keeps none as none.
func dataOf(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

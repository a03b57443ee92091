package snapshot

import (
	"bytes"
	"io"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/portable"
	"mozartosim/simulator/words"
)

// write writes a document; walk hands over the journal, which takes the place of the document's empty lists.
func (doc *document) write(out io.Writer, walk func(journal.Visitor) error) error {
	var after []byte // the lists
	separator, beforeJobs := "", `],"jobs":[`
	put := func(v any) error {
		text, err := encoded(v)
		if err == nil {
			_, err = out.Write(append([]byte(separator), text...))
			separator = ","
		}
		return err
	}
	err := walk(journal.Visitor{
		Counters: func(n journal.Counters) error {
			doc.Journal.Counters = n
			text, err := encoded(doc)
			if err != nil {
				return err
			}
			var before []byte
			before, after, _ = bytes.Cut(text, []byte(`],"jobs":[`))
			_, err = out.Write(before)
			return err
		},
		Stream: func(st journal.StreamCopy) error { return put(portable.StreamOf(st)) },
		Job: func(d journal.Job) error {
			if beforeJobs != "" {
				separator, beforeJobs = beforeJobs, ""
			}
			return put(portable.JobOf(d))
		},
	})
	if err == nil {
		_, err = out.Write(append([]byte(beforeJobs), after...))
	}
	return err
}

// encoded returns a value's JSON, in which URLs stay readable.
func encoded(v any) ([]byte, error) {
	var text bytes.Buffer
	err := words.JSON(&text, v, "")
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

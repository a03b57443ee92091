package evidence

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// Journal is what is known of a run while it goes on: a line before a scenario's first call, and one at its end, so that a run that
// ends with its program can be resumed. A nil journal does nothing.
type Journal struct {
	name string
	file *os.File

	mu  sync.Mutex
	err error
}

// line is one line of a journal.
type line struct {
	Run   *Run      `json:"run,omitempty"` // the first one: the run without features
	Begun string    `json:"begun,omitempty"`
	Ended *Scenario `json:"ended,omitempty"`
}

// journalOf is the journal of an evidence file.
func journalOf(name string) string { return name + ".journal" }

// OpenJournal begins the journal of the evidence file of that name. resumed says that the journal that lies there is known; else it is
// of a run that has not ended, and the error says so.
func OpenJournal(name string, head Run, resumed bool) (*Journal, error) {
	at := journalOf(name)
	if _, err := os.Lstat(at); err == nil && !resumed {
		return nil, fmt.Errorf("%s is of a run that has not ended: resume it with --resume %s, or remove the file", at, name)
	}
	file, err := os.OpenFile(at+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{name: at, file: file}
	head.Version, head.Features = Version, nil
	j.write(line{Run: &head})
	return j, nil
}

// Ready puts the journal in the place of an older one, once all that is taken over of that stands in it.
func (j *Journal) Ready() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.Err(), os.Rename(j.file.Name(), j.name))
}

// Begun notes that a scenario is about to make its first call. The error is that of Err.
func (j *Journal) Begun(id string) error {
	if j != nil {
		j.write(line{Begun: id})
	}
	return j.Err()
}

// Ended notes a scenario that has come to its end.
func (j *Journal) Ended(s Scenario) {
	if j != nil {
		j.write(line{Ended: &s})
	}
}

func (j *Journal) write(l line) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return // a line after one that is broken could not be read
	}
	text, err := json.Marshal(l)
	if err == nil {
		_, err = j.file.Write(append(text, '\n')) // in one call: a line is there or it isn't
	}
	j.err = err
}

// Err is what went wrong with writing.
func (j *Journal) Err() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Close closes the journal, and removes it where its run has been written.
func (j *Journal) Close(written bool) error {
	if j == nil {
		return nil
	}
	_ = os.Remove(j.file.Name()) // there is none once it was ready
	err := j.file.Close()
	if written {
		err = errors.Join(err, os.Remove(j.name))
	}
	return err
}

// ReadUnfinished reads a run to resume: its journal, where its program ended before it could write the file, else the file.
func ReadUnfinished(name string) (*Run, error) {
	file, err := os.Open(journalOf(name))
	if errors.Is(err, fs.ErrNotExist) {
		return readFile(name, false)
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	defer file.Close()
	run, err := readJournal(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", journalOf(name), err)
	}
	return run, nil
}

func readJournal(r io.Reader) (*Run, error) {
	var run *Run
	known := map[string]int{} // index of each scenario
	var all []Scenario
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if err != nil { // what is left is a line that was not written to its end
			break
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		switch {
		case l.Run != nil:
			run = l.Run
		case l.Begun != "":
			if _, has := known[l.Begun]; !has {
				known[l.Begun] = len(all)
				all = append(all, Scenario{ID: l.Begun, Status: NotRun, Tries: 1, Reason: Interrupted + ": its program ended while it ran, and what it sent is not known"})
			}
		case l.Ended != nil:
			at, has := known[l.Ended.ID]
			if !has {
				at = len(all)
				all = append(all, Scenario{})
			}
			known[l.Ended.ID], all[at] = at, *l.Ended
		}
	}
	if run == nil {
		return nil, errors.New("its first line is missing: start the run again")
	}
	run.Stopped, run.Features = true, []Feature{{Scenarios: all}}
	return run, run.check()
}

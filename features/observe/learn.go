package observe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/natefinch/atomic"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// Learned is what runs have shown.
type Learned struct {
	File observed.File
	// Contradictions are what a run says differently than the file, or than a run before it; the file has what was there first.
	Contradictions []string
	Undecided      []string // differences that only a person can decide about, and why
	Compared       bool     // whether a run has anything in common with that on the simulator
}

// Learn turns what runs against a target show differently than a run on the simulator into observations, and merges them with those
// that are known. The same runs learned again change nothing. Differences under a rule that is ignored are left out.
func Learn(simulated *evidence.Run, runs []*evidence.Run, known observed.File, ignored map[string]string, contract *openapi.Contract) Learned {
	l := newLearning(known, contract)
	for _, run := range runs {
		l.seen = sighting(run)
		compared := drift.Compare(simulated, run, contract)
		l.all.Compared = l.all.Compared || !compared.Uncompared || len(compared.Findings) > 0
		compared.Ignore(ignored)
		for _, f := range compared.Findings {
			for _, c := range f.Changes {
				if _, ignore := ignored[c.Rule.ID]; ignore {
					continue
				}
				if why := l.learn(c); why != "" {
					l.undecided(c, why)
				}
			}
		}
	}
	return l.all
}

// Update learns into an observations file; what it has is kept. What is returned was read from what was written.
func Update(file string, simulated *evidence.Run, runs []*evidence.Run, ignored map[string]string, contract *openapi.Contract) (learned Learned, err error) {
	codec, err := observed.NewCodec(contract)
	if err != nil {
		return learned, err
	}
	known, err := codec.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return learned, err
	}
	if learned = Learn(simulated, runs, known, ignored, contract); !learned.Compared {
		return learned, errors.New("nothing was compared: the runs have no scenario in common with that on the simulator that both ran; give one of the same features too")
	}
	text, err := codec.Write(learned.File)
	if err != nil {
		return learned, err
	}
	if learned.File, err = codec.Read(file, text); err != nil {
		return learned, fmt.Errorf("what was learned can't be read again: %w", err)
	}
	if err := atomic.WriteFile(file, bytes.NewReader(text)); err != nil {
		return learned, fmt.Errorf("write what was learned: %w", err)
	}
	return learned, nil
}

func newLearning(known observed.File, contract *openapi.Contract) *learning {
	return &learning{
		contract: contract, ledger: openapi.ByID(contract.Ledger()), all: Learned{File: observed.File{Observations: slices.Clone(known.Observations)}},
	}
}

// sighting is how something is known by a run.
func sighting(run *evidence.Run) observed.Sighting {
	return observed.Sighting{Target: run.Where(), Date: run.Started.UTC().Format(time.DateOnly), Run: name(run)}
}

// name is short, and the same for the same run.
func name(run *evidence.Run) string {
	digest := sha256.Sum256(fmt.Append(nil, run.Target, run.BaseURL, run.Started.UTC()))
	return hex.EncodeToString(digest[:4])
}

// learning goes through the changes of one run after the other.
type learning struct {
	contract *openapi.Contract
	ledger   map[string]openapi.Entry // by id
	seen     observed.Sighting
	all      Learned
}

// learn makes observations of a change; why says that it can't, or not of all of it.
func (l *learning) learn(c *drift.Change) (why string) {
	made, why := l.observations(c)
	for _, o := range made {
		o.Was = observed.Was(l.ledger[o.Rule]) // not always the rule that the change is judged by
		sighting := l.seen
		sighting.Times = len(c.Scenarios)
		o.Seen = []observed.Sighting{sighting}
		l.merge(o)
	}
	return why
}

func (l *learning) undecided(c *drift.Change, why string) {
	text := fmt.Sprintf("%s at %s (%s), %s → %s: %s", c.Kind, c.Where(), c.Rule.ID, c.A, c.B, why)
	if !slices.Contains(l.all.Undecided, text) {
		l.all.Undecided = append(l.all.Undecided, text)
	}
}

// merge adds an observation, or a sighting of one that is known. One that says something else is a contradiction.
func (l *learning) merge(o observed.Observation) {
	for i := range l.all.File.Observations {
		known := &l.all.File.Observations[i]
		if known.Key() != o.Key() {
			continue
		}
		if known.Statement() != o.Statement() {
			l.all.Contradictions = append(l.all.Contradictions, fmt.Sprintf("%s: run %s against %s shows %s, but the file has %s, of run %s",
				o.Rule, l.seen.Run, l.seen.Target, o.Statement(), known.Statement(), known.Last().Run))
			return
		}
		known.Seen = slices.DeleteFunc(slices.Clone(known.Seen), func(s observed.Sighting) bool { return s.Run == l.seen.Run && s.Target == l.seen.Target })
		known.Seen = append(known.Seen, o.Seen...)
		return
	}
	l.all.File.Observations = append(l.all.File.Observations, o)
}

// personOnly is why a change is no observation.
const personOnly = "only a person can decide which rule explains it"

// observations are what a change says; why says that it can't be said, or not all of it.
func (l *learning) observations(c *drift.Change) (made []observed.Observation, why string) {
	of := func(o observed.Observation) []observed.Observation {
		o.Rule = c.Rule.ID
		return []observed.Observation{o}
	}
	isError := c.Schema == "Error" || c.Schema == "ErrorWithData" || c.Schema == "TransportError"
	switch {
	case c.Kind == drift.ChangedStatus:
		return l.status(c)
	case isError:
		return l.refusal(c)
	case c.About != "":
		return l.traffic(c)
	case c.Path == "" && c.Kind != drift.Renamed:
		return nil, "the whole body is something else: " + personOnly
	case c.Kind == drift.Renamed && (c.To == "" || c.Path == ""):
		return nil, "the whole body has another shape, which no observation can say"
	case c.Kind != drift.Added && c.Rule.ID != c.Schema+"."+c.Path:
		return nil, "the contract has no rule of its own for " + c.Path
	case c.Kind == drift.Renamed:
		return of(observed.Observation{Renamed: c.To}), ""
	case c.Kind == drift.Missing:
		return of(observed.Observation{Absent: true}), ""
	case c.Kind == drift.Added:
		for _, a := range added(c) {
			made = append(made, observed.Observation{Rule: c.Schema, Added: &a})
		}
		if made == nil {
			return nil, "it is a list, or in one: " + personOnly
		}
		return made, ""
	}
	return l.value(c)
}

// added are the fields that a body has more, those of objects apart.
func added(c *drift.Change) (fields []observed.Added) {
	if len(c.Inside) == 0 {
		var seen []drift.Value
		for _, pair := range c.Values {
			seen = append(seen, pair[1])
		}
		return []observed.Added{addedField(c.Path, seen)}
	}
	for path, v := range c.Inside {
		if v.Kind != "object" && !strings.Contains(path, "[") {
			fields = append(fields, addedField(path, []drift.Value{v}))
		}
	}
	slices.SortFunc(fields, func(a, b observed.Added) int { return strings.Compare(a.Field, b.Field) })
	return fields
}

func addedField(path string, seen []drift.Value) observed.Added {
	a := observed.Added{Field: path, Example: seen[0].JSON()}
	if len(seen) > 1 && seen[0].Kind == "string" {
		a.Form = template(texts(seen))
	}
	return a
}

package company

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"mozartosim/scenarios"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
)

// Scenarios reads scenario files: those of a folder, and the ready ones that the binary carries.
type Scenarios struct {
	reader scenario.Reader
	dir    string
	log    *slog.Logger
	ready  func() []*scenario.Scenario
}

// NewScenarios makes a reader of the scenario files in dir; "" is no folder.
func NewScenarios(reader scenario.Reader, dir string, log *slog.Logger) *Scenarios {
	s := &Scenarios{reader: reader, dir: dir, log: log}
	s.ready = sync.OnceValue(func() []*scenario.Scenario {
		ready, err := reader.Dir(scenarios.Files) // tests check them, so nothing can be wrong with them
		if err != nil {
			log.Error("ready scenarios", "error", err)
		}
		return ready
	})
	return s
}

// Ready returns the scenarios that the binary carries; they are read once.
func (s *Scenarios) Ready() []*scenario.Scenario { return s.ready() }

// Reader reads scenarios that come by other ways.
func (s *Scenarios) Reader() scenario.Reader { return s.reader }

// Own reads the folder. Errors name file, line and column.
func (s *Scenarios) Own() ([]*scenario.Scenario, error) {
	if s.dir == "" {
		return nil, nil
	}
	own, err := s.reader.Dir(s.folder())
	if err != nil {
		return nil, fmt.Errorf("scenarios in %s:\n%w", s.dir, err)
	}
	return own, nil
}

func (s *Scenarios) folder() fs.FS { return os.DirFS(s.dir) }

// reloadEvery is how often the folder is looked at.
const reloadEvery = time.Second

// Watch reads the folder again whenever it has changed, until ctx ends, and hands replace what it found. A folder with an
// error leaves the last scenarios in force; the error is logged once.
func (s *Scenarios) Watch(ctx context.Context, replace func([]*scenario.Scenario)) {
	if s.dir == "" {
		return
	}
	last, err := scenario.Fingerprint(s.folder())
	if err != nil {
		last = ""
	}
	for wall := clock.New(); ; {
		if _, err := wall.Hold(ctx, reloadEvery); err != nil {
			return // ctx has ended
		}
		now, err := scenario.Fingerprint(s.folder())
		if err != nil || now == last {
			continue
		}
		last = now
		own, err := s.Own()
		if err != nil {
			s.log.Error("scenarios stay as they were", "error", err)
			continue
		}
		replace(own)
		s.log.Info("scenarios loaded", "count", len(own), "dir", s.dir)
	}
}

package simulator

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"mozartosim/scenarios"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
)

// readOwnScenarios loads them for the first time.
func (s *Simulator) readOwnScenarios() (err error) {
	s.own, err = s.readScenarios()
	return err
}

// readScenarios loads the scenarios of the --scenarios folder. Errors name file, line and column.
func (s *Simulator) readScenarios() ([]*scenario.Scenario, error) {
	if s.config.ScenariosDir == "" {
		return nil, nil
	}
	own, err := s.scenarioReader().Dir(s.scenariosFolder())
	if err != nil {
		return nil, fmt.Errorf("scenarios in %s:\n%w", s.config.ScenariosDir, err)
	}
	return own, nil
}

// readLibrary loads the ready scenarios that the binary carries; tests hold them, so that nothing can be wrong with them.
func (s *Simulator) readLibrary() []*scenario.Scenario {
	ready, err := s.scenarioReader().Dir(scenarios.Files)
	if err != nil {
		s.log.Error("ready scenarios", "error", err)
	}
	return ready
}

// allScenarios returns a company's scenarios, the ready ones among them. Those never apply by themselves, so they are read
// when somebody first names one, or asks for a list, and not at the start.
func (s *Simulator) allScenarios(t *tenant) *scenario.Set {
	t.library.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		t.hasLibrary = true
		t.scenarios.Replace(s.withLibrary(s.own))
	})
	return t.scenarios
}

// withLibrary adds the ready scenarios to a folder's; a folder's own takes the place of a ready one with its name.
func (s *Simulator) withLibrary(own []*scenario.Scenario) []*scenario.Scenario {
	taken := map[string]bool{}
	for _, sc := range own {
		taken[sc.Name] = true
	}
	all := slices.Clone(own)
	for _, sc := range s.library() {
		if !taken[sc.Name] {
			all = append(all, sc)
		}
	}
	return all
}

func (s *Simulator) scenarioReader() scenario.Reader {
	return scenario.Reader{Cashier: s.contract, Control: s.control}
}

func (s *Simulator) scenariosFolder() fs.FS { return os.DirFS(s.config.ScenariosDir) }

// reloadEvery is how often the scenarios' folder is looked at.
const reloadEvery = time.Second

// watchScenarios reads the folder again whenever it has changed, until ctx ends. A folder that does not hold leaves the last
// scenarios in force and is complained about once.
func (s *Simulator) watchScenarios(ctx context.Context) error {
	last, err := scenario.Fingerprint(s.scenariosFolder())
	if err != nil {
		last = ""
	}
	for wall := clock.New(); ; {
		if _, err := wall.Hold(ctx, reloadEvery); err != nil {
			return nil // told to stop
		}
		now, err := scenario.Fingerprint(s.scenariosFolder())
		if err != nil || now == last {
			continue
		}
		last = now
		if err := s.reloadScenarios(); err != nil {
			s.log.Error("scenarios stay as they were", "error", err)
		}
	}
}

// reloadScenarios reads the scenarios again and hands them to every company.
func (s *Simulator) reloadScenarios() error {
	loaded, err := s.readScenarios()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = loaded
	for _, t := range s.tenants {
		if t.hasLibrary {
			t.scenarios.Replace(s.withLibrary(loaded))
		} else {
			t.scenarios.Replace(loaded)
		}
	}
	s.log.Info("scenarios loaded", "count", len(loaded), "dir", s.config.ScenariosDir)
	return nil
}

package simulator

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"time"

	"mozartosim/scenarios"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
)

// readScenarios loads the scenarios of the --scenarios folder, and behind them the ready ones that the binary carries: a
// folder's scenario takes the place of a ready one with its name. Errors name file, line and column.
func (s *Simulator) readScenarios() ([]*scenario.Scenario, error) {
	ready, err := s.scenarioReader().Dir(scenarios.Files)
	if err != nil {
		return nil, fmt.Errorf("ready scenarios: %w", err)
	}
	if s.config.ScenariosDir == "" {
		return ready, nil
	}
	own, err := s.scenarioReader().Dir(s.scenariosFolder())
	if err != nil {
		return nil, fmt.Errorf("scenarios in %s:\n%w", s.config.ScenariosDir, err)
	}
	taken := map[string]bool{}
	for _, sc := range own {
		taken[sc.Name] = true
	}
	for _, sc := range ready {
		if !taken[sc.Name] {
			own = append(own, sc)
		}
	}
	return own, nil
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
	s.ready = loaded
	for _, t := range s.tenants {
		t.scenarios.Replace(loaded)
	}
	s.log.Info("scenarios loaded", "count", len(loaded), "dir", s.config.ScenariosDir)
	return nil
}

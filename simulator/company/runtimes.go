package company

import (
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
)

// Runtimes are the companies while the process runs, by id.
type Runtimes struct {
	exists   func(company string) bool
	newClock func() *clock.Clock
	files    *Scenarios

	mu    sync.Mutex
	own   []*scenario.Scenario // of the scenarios folder
	byID  map[string]*Runtime
	start func(*Runtime) // starts a company's worker; nil while the simulator does not run
}

// NewRuntimes makes the registry of the directory's companies. own are the scenarios that files found in its folder.
func NewRuntimes(d *backoffice.Directory, newClock func() *clock.Clock, files *Scenarios, own []*scenario.Scenario) *Runtimes {
	return &Runtimes{exists: d.Has, newClock: newClock, files: files, own: own, byID: map[string]*Runtime{}}
}

// Get returns a company's runtime; the first call for a company makes it. That of a company that does not exist has ended, and nobody
// else gets it: who works for one that is deleted meanwhile brings nothing of it back.
func (r *Runtimes) Get(company string) *Runtime {
	r.mu.Lock()
	rt := r.byID[company]
	r.mu.Unlock()
	if rt != nil {
		return rt
	}
	if r.exists(company) {
		if rt = r.begin(company); r.exists(company) {
			return rt
		}
		r.Remove(company) // it was deleted just now
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	rt = r.make(company)
	rt.deleted = true
	rt.End()
	return rt
}

// begin is Get for a company that is about to exist, too.
func (r *Runtimes) begin(company string) *Runtime {
	r.mu.Lock()
	defer r.mu.Unlock()
	rt := r.byID[company]
	if rt == nil {
		rt = r.make(company)
		r.byID[company] = rt
		if r.start != nil {
			r.start(rt)
		}
	}
	return rt
}

// make makes a runtime. The caller holds the lock.
func (r *Runtimes) make(company string) *Runtime {
	return newRuntime(company, r.newClock(), scenario.NewSet(r.own))
}

// Clock returns a company's clock.
func (r *Runtimes) Clock(company string) *clock.Clock { return r.Get(company).Clock }

// Now is a company's time; without a company it is where new clocks stand.
func (r *Runtimes) Now(company string) time.Time {
	if company == "" {
		return r.newClock().Now()
	}
	return r.Clock(company).Now()
}

// NewClock returns a clock as a new company gets it.
func (r *Runtimes) NewClock() *clock.Clock { return r.newClock() }

// RingElsewhere tells the worker of a company, "" = of every one, that another process has changed it.
func (r *Runtimes) RingElsewhere(company string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if company == "" {
		for _, rt := range r.byID {
			rt.Alarm.RingElsewhere()
		}
	} else if rt := r.byID[company]; rt != nil {
		rt.Alarm.RingElsewhere()
	}
}

// Remove ends a company's runtime: its worker stops, its clock and scenarios are gone.
func (r *Runtimes) Remove(company string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rt := r.byID[company]; rt != nil {
		delete(r.byID, company)
		rt.stop()
	}
}

// StartWorkers calls start for every company, for those that are made later too, until StopWorkers. start runs the company's
// worker and returns the function that stops it.
func (r *Runtimes) StartWorkers(start func(*Runtime) (stop func())) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.start = func(rt *Runtime) { rt.stop = start(rt) }
	for _, rt := range r.byID {
		r.start(rt)
	}
}

// StopWorkers makes no more workers start; it stops none.
func (r *Runtimes) StopWorkers() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.start = nil
}

// AllScenarios returns a company's scenarios, the ready ones among them. Those never apply by themselves, so they are read
// when a call first names one, or asks for a list, and not at the start.
func (r *Runtimes) AllScenarios(rt *Runtime) *scenario.Set {
	rt.addReady.Do(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		rt.hasReady = true
		rt.scenarios.Replace(r.withReady())
	})
	return rt.scenarios
}

// ReplaceScenarios puts the scenarios of a folder in the place of those before, for every company.
func (r *Runtimes) ReplaceScenarios(own []*scenario.Scenario) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.own = own
	for _, rt := range r.byID {
		if rt.hasReady {
			rt.scenarios.Replace(r.withReady())
		} else {
			rt.scenarios.Replace(own)
		}
	}
}

// withReady adds the ready scenarios to the folder's; one of the folder replaces a ready one of its name.
func (r *Runtimes) withReady() []*scenario.Scenario {
	own := map[string]bool{}
	for _, sc := range r.own {
		own[sc.Name] = true
	}
	all := slices.Clone(r.own)
	for _, sc := range r.files.Ready() {
		if !own[sc.Name] {
			all = append(all, sc)
		}
	}
	return all
}

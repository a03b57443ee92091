package fidelity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/features"
	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// Report is how faithful the simulator is known to be.
type Report struct {
	Total       Row       `json:"total"`
	Rows        []Row     `json:"rows"`        // by provider, those of every provider first, and capability
	Verdicts    []Verdict `json:"verdicts"`    // by rule; none before a real target was run
	NotExecuted []string  `json:"notExecuted"` // ids of the rules that no feature executes
}

// Row counts the rules of one capability of a provider.
type Row struct {
	PSP        string `json:"psp,omitempty"` // its code; "" = the rules hold for every provider
	Capability string `json:"capability,omitempty"`
	Rules      int    `json:"rules"`
	Documented int    `json:"documented"`
	Provider   int    `json:"provider"`
	Assumed    int    `json:"assumed"`
	Observed   int    `json:"observed"`
	Executed   int    `json:"executed"` // of Rules: by a feature
}

// Verdict is what a real target showed about a rule.
type Verdict struct {
	Rule     string        `json:"rule"`  // id in the ledger
	Basis    openapi.Basis `json:"basis"` // of the rule before
	Verdict  string        `json:"verdict"`
	Observed string        `json:"observed,omitempty"` // what the target does instead
	Target   string        `json:"target"`
	Date     string        `json:"date"` // YYYY-MM-DD
	Run      string        `json:"run,omitempty"`
}

// The verdicts.
const (
	Confirmed = "confirmed"
	Refuted   = "refuted"
)

// Read counts with what files of observations and runs against real targets show.
func Read(files, runs []string) (*Report, error) {
	base, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	seen, contract, err := observed.Open(base, files)
	if err != nil {
		return nil, err
	}
	verdicts := Refutations(base, seen)
	for _, file := range runs {
		run, err := evidence.ReadRun(file)
		if err != nil {
			return nil, err
		}
		if run.Simulated() {
			return nil, fmt.Errorf("%s is a run of the simulator, which confirms nothing: give runs against real targets", file)
		}
		verdicts = append(verdicts, Confirmations(base, run)...)
	}
	scenarios, err := runner.List(features.All())
	if err != nil {
		return nil, err
	}
	return New(contract, scenarios, verdicts)
}

// New counts the rules of a contract, which may have observations in it.
func New(contract *openapi.Contract, scenarios []runner.Listed, verdicts []Verdict) (*Report, error) {
	done, err := executed(contract, scenarios)
	if err != nil {
		return nil, err
	}
	r := &Report{Verdicts: append([]Verdict{}, verdicts...), NotExecuted: []string{}}
	slices.SortStableFunc(r.Verdicts, func(a, b Verdict) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Date, b.Date))
	})
	subjects := subjects()
	for _, psp := range append([]string{""}, contract.PSPs()...) {
		rows := make([]Row, len(subjects))
		for _, e := range contract.Ledger() {
			if e.Provenance.Basis == openapi.Own || providerOf(contract, e.ID) != psp {
				continue
			}
			rows[subjectOf(subjects, e.ID)].count(e.Provenance.Basis, done[e.ID])
			r.Total.count(e.Provenance.Basis, done[e.ID])
			if !done[e.ID] {
				r.NotExecuted = append(r.NotExecuted, e.ID)
			}
		}
		for i, row := range rows {
			if row.PSP, row.Capability = psp, subjects[i].capability; row.Rules > 0 {
				r.Rows = append(r.Rows, row)
			}
		}
	}
	return r, nil
}

func (r *Row) count(basis openapi.Basis, executed bool) {
	r.Rules++
	switch basis {
	case openapi.Documented:
		r.Documented++
	case openapi.Provider:
		r.Provider++
	case openapi.Assumed:
		r.Assumed++
	case openapi.Observed:
		r.Observed++
	}
	if executed {
		r.Executed++
	}
}

// Summary is the totals in one line.
func (r *Report) Summary() string {
	text := fmt.Sprintf("%d rules: %d documented, %d the provider's, %d assumed, %d observed; a feature executes %d; ",
		r.Total.Rules, r.Total.Documented, r.Total.Provider, r.Total.Assumed, r.Total.Observed, r.Total.Executed)
	count := map[string]int{}
	for _, v := range r.Verdicts {
		count[v.Verdict]++
	}
	if len(r.Verdicts) == 0 {
		return text + "no real target has been run yet"
	}
	return text + fmt.Sprintf("real targets confirmed %d and refuted %d", count[Confirmed], count[Refuted])
}

// Refutations are what an observations file says: only what a target does differently stands in one.
func Refutations(contract *openapi.Contract, file observed.File) (all []Verdict) {
	before := openapi.ByID(contract.Ledger())
	for i := range file.Observations {
		o := &file.Observations[i]
		for _, s := range o.Seen {
			all = append(all, Verdict{o.Rule, before[o.Rule].Provenance.Basis, Refuted, o.Says(), s.Target, s.Date, s.Run})
		}
	}
	return all
}

// Confirmations are the rules whose scenarios passed in a run against a real target.
func Confirmations(contract *openapi.Contract, run *evidence.Run) (all []Verdict) {
	for _, f := range drift.Against(run, contract).Confirmed {
		all = append(all, Verdict{Rule: f.Rule, Basis: f.Provenance.Basis, Verdict: Confirmed, Target: run.Where(), Date: run.Started.UTC().Format(time.DateOnly)})
	}
	return all
}

// executed says which rules the features execute: those that a scenario is tagged with, all of an answer or a webhook that one
// compares with the contract, a request's fields that one names, named rules that one breaks, and the forms of all these fields.
func executed(contract *openapi.Contract, scenarios []runner.Listed) (map[string]bool, error) {
	broken, err := fixtures.Invalids() // each of which has its scenario: a test of the features holds it
	if err != nil {
		return nil, err
	}
	schemas, done := map[string]bool{}, map[string]bool{}
	for _, b := range broken {
		if op, ok := contract.Operation(b.PSP, b.Flow, b.Variant); ok && b.Rule != "" {
			done[b.Rule], done[op.Schema+"/"+b.Rule] = true, true
		}
	}
	for _, s := range scenarios {
		for _, id := range s.Rules {
			done[id] = true
		}
		for _, step := range s.Steps {
			if schema, ok := strings.CutPrefix(step.Text, `the answer matches the schema "`); ok {
				schemas[strings.TrimSuffix(schema, `"`)] = true
			}
		}
		for _, flow := range s.Flows {
			words := append(strings.Fields(flow), "") // without a variant the first one is meant
			if op, ok := contract.Operation(words[0], words[1], words[2]); ok {
				done["POST "+openapi.CashierPath] = true
				executes(contract, op, s, schemas, done)
			}
		}
	}
	ledger := contract.Ledger()
	for {
		before := len(done)
		for _, e := range ledger {
			schema, _, _ := strings.Cut(e.ID, ".")
			if schemas[schema] {
				done[e.ID] = true
			}
			if form := e.Form; form != "" && done[e.ID] {
				done[form] = true
			}
		}
		if len(done) == before {
			return done, nil
		}
	}
}

// executes notes what a scenario executes of a flow that it names: whole schemas, and the request's fields.
func executes(contract *openapi.Contract, op *openapi.Operation, s runner.Listed, schemas, done map[string]bool) {
	done[op.Schema] = true
	if slices.Contains(s.Patterns, "the answer matches the contract") {
		schemas[op.Answer] = true
	}
	if slices.Contains(s.Patterns, "the webhook matches the contract") && op.Webhook != "" {
		schemas[op.Webhook], done["POST "+nameOf(contract, op.PSP)] = true, true
	}
	words := s.Words()
	for _, f := range op.Fields() {
		if words[f.Path] {
			done[op.Schema+"."+f.Path] = true
		}
	}
}

package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/journal"
)

// ReadsRequests says whether a condition is about calls of the public listener, refused ones too, and not about payments.
func ReadsRequests(e *condition.Condition) bool { return reads(e, "call") }

func reads(e *condition.Condition, root string) bool {
	return e != nil && slices.ContainsFunc(e.Fields(), func(f condition.Field) bool {
		return f.Name == root || strings.HasPrefix(f.Name, root+".")
	})
}

// eachRequest visits a company's calls, newest first, until visit returns false.
func (q *Queries) eachRequest(ctx context.Context, company string, visit func(*adminapi.RequestSummary) (more bool, err error)) error {
	for by := (journal.RequestQuery{Limit: pageSize}); ; {
		found, left, err := q.requests.List(ctx, company, by)
		if err != nil {
			return err
		}
		for i := range found {
			if more, err := visit(&found[i]); err != nil || !more {
				return err
			}
		}
		if by.Before = left; left == 0 {
			return ctx.Err()
		}
	}
}

// meetsRequest says whether a call meets a condition, and what the condition reads of it.
func meetsRequest(e *condition.Condition, r *adminapi.RequestSummary) (met bool, reads string, err error) {
	fields, err := fieldsOf(r)
	if err != nil {
		return false, "", err
	}
	v := view{fields: map[string]any{"call": fields}}
	met, err = e.Match(v.fields)
	if err != nil {
		err = &openapi.Invalid{Problems: []string{fmt.Sprintf("the condition %s does not work with request %s: %v", e, r.ID, err)}}
	}
	return met, v.describe(e), err
}

// waitForRequest is Wait for a condition over calls.
func (q *Queries) waitForRequest(ctx context.Context, rt *company.Runtime, w Wait) (result adminapi.WaitResult, err error) {
	limited, cancel := context.WithTimeout(ctx, w.Limit)
	defer cancel()
	defer q.requests.Watch()()
	for newest := ""; ; {
		changed := q.journal.Changed(rt.ID)
		seen, candidates := newest, []adminapi.Candidate{}
		err := q.eachRequest(ctx, rt.ID, func(r *adminapi.RequestSummary) (bool, error) {
			if r.ID == seen { // it and those before it did not meet the condition
				candidates = append(candidates, result.Candidates...)
				return false, nil
			}
			if newest == seen {
				newest = r.ID
			}
			met, reads, err := meetsRequest(w.Condition, r)
			if met {
				result.Met, result.Request = true, r
			} else if len(candidates) < maxCandidates {
				candidates = append(candidates, adminapi.Candidate{Request: r.ID, Payment: r.Payment, Description: reads})
			}
			return !met, err
		})
		if result.Candidates = candidates[:min(len(candidates), maxCandidates)]; result.Met {
			result.Candidates = nil
		}
		if err != nil || result.Met {
			return result, err
		}
		if mode, _ := rt.Clock.Mode(); mode == clock.Manual || !changedWithin(limited, time.Hour, changed, rt) {
			return result, nil
		}
	}
}

// verifyRequests is Verify for conditions over calls.
func (q *Queries) verifyRequests(ctx context.Context, company string, e Expectation) (result adminapi.VerifyResult, err error) {
	var found []*adminapi.RequestSummary
	result.NearMisses = []adminapi.NearMiss{}
	err = q.eachRequest(ctx, company, func(r *adminapi.RequestSummary) (bool, error) {
		var misses []string
		for _, want := range []struct{ name, got, value string }{{"psp", r.PSP, e.PSP}, {"type", r.Type, e.Type}} {
			if want.value != "" && want.got != want.value {
				misses = append(misses, fmt.Sprintf("%s is %s, not %s", want.name, want.got, want.value))
			}
		}
		if e.When != nil {
			met, reads, err := meetsRequest(e.When, r)
			if err != nil {
				return false, err
			}
			if !met {
				misses = append(misses, "when is not met: "+reads)
			}
		}
		if misses == nil {
			found = append(found, r)
		} else if len(result.NearMisses) < maxCompared {
			result.NearMisses = append(result.NearMisses, adminapi.NearMiss{Request: r.ID, Payment: r.Payment, Misses: misses})
		}
		return true, nil
	})
	if err != nil {
		return result, err
	}
	slices.Reverse(found) // oldest first
	result.Found = len(found)
	if result.Passed, result.Description = e.count(len(found), "call", "calls"); result.Passed {
		var missing string
		result.Passed, missing, err = inOrder(e.Order, found, "call", func(c *condition.Condition, r *adminapi.RequestSummary) (id string, met bool, err error) {
			met, _, err = meetsRequest(c, r)
			return r.ID, met, err
		})
		result.Description = cmp.Or(missing, result.Description)
	}
	slices.SortStableFunc(result.NearMisses, func(a, b adminapi.NearMiss) int { return len(a.Misses) - len(b.Misses) })
	result.NearMisses = result.NearMisses[:min(len(result.NearMisses), maxNearMisses)]
	if len(found) >= e.AtLeast {
		result.NearMisses = []adminapi.NearMiss{}
	}
	return result, err
}

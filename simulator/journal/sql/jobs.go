package sqljournal

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"

	"mozartosim/simulator/journal"
)

// claims are the jobs that this process has claimed.
type claims struct {
	mu  sync.Mutex
	all map[jobName]int64 // their numbers
}

type jobName struct{ company, id string }

func newClaims() *claims { return &claims{all: map[jobName]int64{}} }

// add adds the jobs that are not claimed yet, and returns them.
func (k *claims) add(company string, jobs []job) (added []job) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range jobs {
		if name := (jobName{company, d.ID}); k.all[name] != d.no { // another job of its name is gone
			k.all[name] = d.no
			added = append(added, d)
		}
	}
	return added
}

// get returns the number of a job that is claimed, 0 when it is not.
func (k *claims) get(company, id string) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all[jobName{company, id}]
}

// drop ends claims, and returns the jobs' numbers.
func (k *claims) drop(company string, ids ...string) (dropped []int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range ids {
		if no := k.all[jobName{company, id}]; no != 0 {
			dropped = append(dropped, no)
			delete(k.all, jobName{company, id})
		}
	}
	return dropped
}

// dropAll ends all claims of a company.
func (k *claims) dropAll(company string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.all, func(name jobName, _ int64) bool { return name.company == company })
}

// numbers returns the numbers of all jobs that are claimed.
func (k *claims) numbers() []int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Values(k.all))
}

// jobs hands out the jobs of streams.
type jobs struct {
	*store
	claims *claims
}

// Claim implements journal.Journal. What others claim at the same moment is passed over; order holds among what is claimed.
func (j *jobs) Claim(ctx context.Context, company string, q journal.ClaimQuery) (claimed []journal.Job, err error) {
	limit := max(1, q.Limit)
	last := job{Job: journal.Job{At: fromInstant(math.MinInt64)}}
	for more := true; more && err == nil && len(claimed) < limit; {
		want := limit - len(claimed)
		var found, picked, got []job
		if found, more, err = j.candidates(ctx, company, q, &last, want+8); err == nil {
			for _, d := range found {
				if len(picked) < want && (q.Skip == nil || !q.Skip(d.Stream)) {
					picked = append(picked, d)
				}
			}
			if len(picked) == want {
				last, more = picked[want-1], true
			}
			got, err = j.claim(ctx, company, picked)
		}
		for _, d := range got {
			claimed = append(claimed, d.Job)
		}
	}
	if len(claimed) > 0 { // there is something to do; the next call tells
		err = nil
	}
	return claimed, err
}

// claim claims the jobs that no other call and no other process has claimed meanwhile.
func (j *jobs) claim(ctx context.Context, company string, picked []job) ([]job, error) {
	mine := j.claims.add(company, picked)
	if len(mine) == 0 || j.others == nil {
		return mine, nil
	}
	nos := make([]int64, len(mine))
	for i, d := range mine {
		nos[i] = d.no
	}
	claimed, err := j.others.claim(ctx, nos)
	return slices.DeleteFunc(mine, func(d job) bool {
		if slices.Contains(claimed, d.no) {
			return false
		}
		j.claims.drop(company, d.ID) // when nobody knows whether it was claimed, its lease ends soon
		return true
	}), err
}

const selectJobs = "SELECT " + jobColumns + " FROM jobs WHERE holder IS NULL AND company = (SELECT no FROM companies WHERE name = $1)"

// candidates returns jobs that may be claimed, in order: those that this process or none that lives has written, and those that
// were left to that one for long enough. It looks at so many behind last, and moves last on; more says that there may be more.
func (j *jobs) candidates(ctx context.Context, company string, q journal.ClaimQuery, last *job, size int) (found []job, more bool, err error) {
	until, left := instant(q.Until), instant(q.Until.Add(-max(0, q.OwnerFirst)))
	if q.Stream != "" {
		found, _, err = j.pending(ctx, company, ofStream(company, q.Stream), nil)
		return slices.DeleteFunc(found, func(d job) bool {
			at := instant(d.At)
			return at > until || at > left && j.others != nil && d.origin != j.process()
		}), false, err
	}
	text, args := selectJobs+" AND at <= $2 AND (at, no) > ($3, $4)", []any{company, until, instant(last.At), last.no, size}
	if j.others != nil {
		text += " AND (origin = $6 OR at <= $7 OR NOT EXISTS (SELECT 1 FROM processes WHERE processes.no = origin))"
		args = append(args, j.process(), left)
	}
	found, rows, err := j.pending(ctx, company, ask(text+" ORDER BY at, no LIMIT $5", args...), last)
	return found, rows == size, err
}

// pending returns those jobs that a statement finds and this process has not claimed, in order. Rows counts what was found, the
// last of which is put into last.
func (j *jobs) pending(ctx context.Context, company string, s statement, last *job) (found []job, rows int, err error) {
	err = j.run(ctx, "jobs", func(ctx context.Context, c conn) error {
		found, rows = nil, 0
		return c.run(ctx, scanJobs(s, func(d job) error {
			if rows++; last != nil {
				*last = d
			}
			if d.holder == 0 && j.claims.get(company, d.ID) != d.no {
				found = append(found, d)
			}
			return nil
		}))
	})
	slices.SortFunc(found, func(a, b job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.no, b.no)) })
	return found, rows, err
}

func ofStream(company, id string) statement {
	return named("jobs", "stream", jobColumns, streamDigest(company, id))
}

// PendingJobs implements journal.Journal.
func (j *jobs) PendingJobs(ctx context.Context, company string, q journal.JobQuery) (pending []journal.Job, err error) {
	limit := cmp.Or(max(q.Limit, 0), math.MaxInt32)
	s := ask(selectJobs+" ORDER BY at, no LIMIT $2", company, limit+len(j.claims.numbers()))
	if q.Stream != "" {
		s = ofStream(company, q.Stream)
	}
	found, _, err := j.pending(ctx, company, s, nil)
	for _, d := range found[:min(limit, len(found))] {
		pending = append(pending, d.Job)
	}
	return pending, err
}

// Release implements journal.Journal. Other processes are told: the jobs are theirs as well.
func (j *jobs) Release(ctx context.Context, company string, ids ...string) error {
	if j.signals.over() {
		return journal.ErrClosed
	}
	jobs := j.claims.drop(company, ids...)
	if len(jobs) == 0 || j.others == nil {
		return nil
	}
	err := j.others.release(ctx, jobs)
	if err == nil {
		j.tellOthers(company, aboutCompany)
	}
	return err
}

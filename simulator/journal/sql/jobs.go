package sqljournal

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// claims are the jobs that this process has claimed, as far as their leases haven't lapsed.
type claims struct {
	now   func() time.Time // the machine's
	lease time.Duration

	mu  sync.Mutex
	all map[jobName]claimedJob
}

type jobName struct{ company, id string }

type claimedJob struct {
	no, stream int64
	until      time.Time
}

func newClaims(o Options) *claims {
	return &claims{now: o.Now, lease: o.Lease, all: map[jobName]claimedJob{}}
}

// add adds the jobs that are not claimed yet, and returns them.
func (k *claims) add(company string, jobs []job) (added []job) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range jobs {
		if name := (jobName{company, d.ID}); k.valid(name) != d.no { // another job of its name is gone
			k.all[name] = claimedJob{d.no, d.stream, k.now().Add(k.lease)}
			added = append(added, d)
		}
	}
	return added
}

// valid returns the number of a job that is claimed, 0 when it is not. The caller holds the lock.
func (k *claims) valid(name jobName) int64 {
	one, known := k.all[name]
	if known && k.now().After(one.until) {
		delete(k.all, name)
		return 0
	}
	return one.no
}

// has says whether a job is claimed.
func (k *claims) has(company string, d job) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.valid(jobName{company, d.ID}) == d.no
}

// renew puts off the ends of leases, and returns the jobs that are not claimed.
func (k *claims) renew(company string, jobs []journal.Job) (lost []journal.Job) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range jobs {
		name := jobName{company, d.ID}
		if no := k.valid(name); no != 0 && within(no) == d.Seq {
			k.all[name] = claimedJob{no, k.all[name].stream, k.now().Add(k.lease)}
		} else {
			lost = append(lost, d)
		}
	}
	return lost
}

// release ends the claims of jobs, and returns their numbers.
func (k *claims) release(company string, jobs []journal.Job) (released []int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range jobs {
		name := jobName{company, d.ID}
		if no := k.valid(name); no != 0 && within(no) == d.Seq {
			released = append(released, no)
			delete(k.all, name)
		}
	}
	return released
}

// drop forgets a job that is gone.
func (k *claims) drop(company, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, jobName{company, id})
}

// dropOf forgets the jobs of streams that are gone.
func (k *claims) dropOf(streams []int64) {
	if len(streams) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.all, func(_ jobName, one claimedJob) bool { return slices.Contains(streams, one.stream) })
}

// dropAll forgets all jobs of a company.
func (k *claims) dropAll(company string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.all, func(name jobName, _ claimedJob) bool { return name.company == company })
}

// numbers returns the numbers of the jobs of a company that are claimed, or of all for "".
func (k *claims) numbers(company string) (all []int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name := range k.all {
		if company == "" || company == name.company {
			if no := k.valid(name); no != 0 {
				all = append(all, no)
			}
		}
	}
	return all
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
	claimed, err := j.others.claim(ctx, numbersOf(mine))
	return slices.DeleteFunc(mine, func(d job) bool {
		if slices.Contains(claimed, d.no) {
			return false
		}
		j.claims.drop(company, d.ID) // when nobody knows whether it was claimed, its lease ends soon
		return true
	}), err
}

func numbersOf(jobs []job) []int64 {
	nos := make([]int64, len(jobs))
	for i, d := range jobs {
		nos[i] = d.no
	}
	return nos
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

// pending returns those jobs that a statement finds and nobody has claimed, in order. Rows counts what was found, the last of which
// is put into last.
func (j *jobs) pending(ctx context.Context, company string, s statement, last *job) (found []job, rows int, err error) {
	err = j.run(ctx, "jobs", func(ctx context.Context, c conn) error {
		found, rows = nil, 0
		return c.run(ctx, scanJobs(s, func(d job) error {
			if rows++; last != nil {
				*last = d
			}
			if d.holder == 0 && !j.claims.has(company, d) {
				found = append(found, d)
			}
			return nil
		}))
	})
	slices.SortFunc(found, inOrder)
	return found, rows, err
}

func inOrder(a, b job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.no, b.no)) }

func ofStream(company, id string) statement {
	return named("jobs", "stream", jobColumns, streamDigest(company, id))
}

// Jobs implements journal.Journal.
func (j *jobs) Jobs(ctx context.Context, company string, q journal.JobQuery) (listed []journal.Job, err error) {
	limit := cmp.Or(max(q.Limit, 0), math.MaxInt32)
	s := ask(selectJobs+" ORDER BY at, no LIMIT $2", company, limit+len(j.claims.numbers(company)))
	if q.Stream != "" {
		s = ofStream(company, q.Stream)
	}
	var found []job
	if q.Claimed {
		found, err = j.withClaimed(ctx, company, q.Stream, s)
	} else {
		found, _, err = j.pending(ctx, company, s, nil)
	}
	for _, d := range found[:min(limit, len(found))] {
		listed = append(listed, d.Job)
	}
	return listed, err
}

// withClaimed returns the jobs that a statement finds, the claimed ones too, which say who holds them. The statement finds
// whatever the database knows as pending, and those that are claimed when it is about a stream.
func (j *jobs) withClaimed(ctx context.Context, company, stream string, s statement) (found []job, err error) {
	err = j.run(ctx, "jobs", func(ctx context.Context, c conn) error {
		holders := map[int64]string{}
		found = nil
		add := func(d job) error {
			found = append(found, d)
			return nil
		}
		statements := []statement{scanJobs(s, add)}
		if j.others != nil {
			var no int64
			var name string
			statements = append(statements, ask("SELECT no, name FROM processes").scan(func() error { holders[no] = name; return nil }, &no, &name))
			if stream == "" {
				statements = append(statements, scanJobs(ask(selectClaimed, company), add))
			}
		}
		if err := c.run(ctx, statements...); err != nil {
			return err
		}
		for i, d := range found {
			switch {
			case d.holder != 0:
				found[i].Holder = cmp.Or(holders[d.holder], "a process that has ended")
			case j.claims.has(company, d):
				found[i].Holder = journal.ThisProcess()
			}
		}
		return nil
	})
	slices.SortFunc(found, inOrder)
	return found, err
}

const selectClaimed = "SELECT " + jobColumns + " FROM jobs WHERE holder IS NOT NULL AND company = (SELECT no FROM companies WHERE name = $1)"

// Renew implements journal.Journal. PostgreSQL is told of it with the next sign of life.
func (j *jobs) Renew(_ context.Context, company string, jobs ...journal.Job) (lost []journal.Job, err error) {
	if j.signals.over() {
		return nil, journal.ErrClosed
	}
	return j.claims.renew(company, jobs), nil
}

// Release implements journal.Journal. Other processes are told: the jobs are theirs as well.
func (j *jobs) Release(ctx context.Context, company string, jobs ...journal.Job) error {
	if j.signals.over() {
		return journal.ErrClosed
	}
	nos := j.claims.release(company, jobs)
	if len(nos) == 0 || j.others == nil {
		return nil
	}
	err := j.others.release(ctx, nos)
	if err == nil {
		j.tell(company)
	}
	return err
}

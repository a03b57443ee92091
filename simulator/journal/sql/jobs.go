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

// jobs hands out the jobs of streams.
type jobs struct {
	*store
	now   func() time.Time // the machine's
	lease time.Duration

	mu     sync.Mutex
	claims map[string]*claims // by company
}

// claims are the jobs of a company that this process has claimed, by Seq, as far as their leases haven't lapsed.
type claims struct {
	all map[uint64]lease
	// Nothing up to floor is pending: where claims are in memory alone, thousands of claimed jobs need not be read again for each
	// that is claimed next. Freed counts how often something may have become pending there.
	floor position
	freed int
	ends  time.Time // no lease ends before
}

type lease struct {
	no, stream int64
	until      time.Time
	answering  string // the id of the stream whose call is to be answered first; "" = it was claimed to be run
}

// position is a job's place among those of its company.
type position struct{ at, no int64 }

// first is before all jobs.
func first() position { return position{at: math.MinInt64} }

func (d *job) position() position { return position{journal.Instant(d.At), d.no} }

func newJobs(s *store, o Options) *jobs {
	return &jobs{store: s, now: o.Now, lease: o.Lease, claims: map[string]*claims{}}
}

// locked has do look at a company's claims.
func (j *jobs) locked(company string, do func(*claims)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	k := j.claims[company]
	if k == nil {
		k = &claims{all: map[uint64]lease{}, floor: first()}
		j.claims[company] = k
	}
	do(k)
}

// free notes that jobs may be pending at places that have been looked at.
func (k *claims) free() {
	k.floor = first()
	k.freed++
}

// valid returns the number of a job that is claimed at a time of the machine, 0 when it is not.
func (k *claims) valid(seq uint64, now time.Time) int64 {
	one, known := k.all[seq]
	if known && now.After(one.until) {
		delete(k.all, seq)
		k.free()
		return 0
	}
	return one.no
}

// release ends a claim, and returns the number of its job, unless it has lapsed or is none.
func (k *claims) release(seq uint64, now time.Time) (nos []int64) {
	if no := k.valid(seq, now); no != 0 {
		delete(k.all, seq)
		k.free()
		nos = []int64{no}
	}
	return nos
}

// hold notes that jobs are claimed, by an append for as long as a stream's call is not answered or, for "", to be run, and returns those
// that were not yet.
func (j *jobs) hold(company, answering string, jobs []job) (held []job) {
	j.locked(company, func(k *claims) {
		for _, d := range jobs {
			if now := j.now(); k.valid(within(d.no), now) != d.no { // another one of its Seq is gone
				k.all[within(d.no)] = lease{d.no, d.stream, now.Add(j.lease), answering}
				held = append(held, d)
			}
		}
	})
	return held
}

// appended notes which jobs of a company are over, with all of some streams, and when the first of the new ones is due.
func (j *jobs) appended(company string, over, streams []int64, soonest int64) {
	j.locked(company, func(k *claims) {
		for _, no := range over {
			delete(k.all, within(no))
		}
		if len(streams) > 0 {
			maps.DeleteFunc(k.all, func(_ uint64, one lease) bool { return slices.Contains(streams, one.stream) })
		}
		if k.freed++; soonest <= k.floor.at {
			k.free()
		}
	})
}

// claimed returns the numbers of the jobs of a company that are claimed, or of all for "".
func (j *jobs) claimed(company string) (all []int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for name, k := range j.claims {
		for seq, one := range k.all {
			if (company == "" || company == name) && k.valid(seq, j.now()) != 0 {
				all = append(all, one.no)
			}
		}
	}
	return all
}

// has says whether a job is claimed.
func (j *jobs) has(company string, d *job) (has bool) {
	j.locked(company, func(k *claims) { has = k.valid(within(d.no), j.now()) == d.no })
	return has
}

// floor returns the place up to which nothing is pending, and how often that has changed.
func (j *jobs) floor(company string) (from position, freed int) {
	from = first()
	if j.others == nil {
		j.locked(company, func(k *claims) {
			if now := j.now(); !now.Before(k.ends) {
				k.ends = now.Add(j.lease)
				for seq, one := range k.all {
					if k.valid(seq, now) != 0 && one.until.Before(k.ends) {
						k.ends = one.until
					}
				}
			}
			from, freed = k.floor, k.freed
		})
	}
	return from, freed
}

// raise notes that nothing is pending up to a place, unless that has changed meanwhile.
func (j *jobs) raise(company string, to position, freed int) {
	j.locked(company, func(k *claims) {
		if k.freed == freed {
			k.floor = to
		}
	})
}

// Claim implements journal.Journal. What others claim at the same moment is passed over; order holds among what is claimed.
func (j *jobs) Claim(ctx context.Context, company string, q journal.ClaimQuery) (claimed []journal.Job, err error) {
	if err := j.settled(ctx); err != nil {
		return nil, err
	}
	limit := max(1, q.Limit)
	last, freed := j.floor(company)
	for whole, more := q.Stream == "", true; more && err == nil && len(claimed) < limit; {
		want := limit - len(claimed)
		var found, picked, got []job
		if found, more, err = j.candidates(ctx, company, q, &last, want+8); err != nil {
			break
		}
		for _, d := range found {
			if q.Skip != nil && q.Skip(d.Stream) {
				whole = false
			} else if picked = append(picked, d); len(picked) == want {
				last, more = d.position(), true
				break
			}
		}
		got, err = j.claim(ctx, company, picked)
		if whole = whole && len(got) == len(picked); whole {
			j.raise(company, last, freed)
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
	mine := j.hold(company, "", picked)
	if len(mine) == 0 || j.others == nil {
		return mine, nil
	}
	claimed, err := j.others.claim(ctx, numbersOf(mine))
	return slices.DeleteFunc(mine, func(d job) bool {
		lost := !slices.Contains(claimed, d.no)
		if lost { // when nobody knows whether it was claimed, its lease ends soon
			j.appended(company, []int64{d.no}, nil, math.MaxInt64)
		}
		return lost
	}), err
}

// selectJobs selects the jobs of a company whose holder is …
const selectJobs = "SELECT " + jobColumns + " FROM jobs WHERE company = (SELECT no FROM companies WHERE name = $1) AND holder IS "

// candidates returns jobs that may be claimed, in order: those that this process or none that lives has written, and those that
// were left to that one for long enough. Of a stream they are all; of all streams it looks at so many after last, and moves last
// on; more says that there may be more.
func (j *jobs) candidates(ctx context.Context, company string, q journal.ClaimQuery, last *position, size int) (found []job, more bool, err error) {
	until, left := journal.Instant(q.Until), journal.Instant(q.Until.Add(-max(0, q.OwnerFirst)))
	args := []any{company, until, last.at, last.no, size}
	text := selectJobs + "NULL AND at <= $2 AND (at, no) > ($3, $4)"
	if j.others != nil {
		text += " AND (origin = $6 OR at <= $7 OR NOT EXISTS (SELECT 1 FROM processes WHERE processes.no = origin))"
		args = append(args, j.process(), left)
	}
	s := ask(text+" ORDER BY at, no LIMIT $5", args...)
	if q.Stream != "" {
		s = ofStream(company, q.Stream)
	}
	rows := 0
	err = j.run(ctx, "jobs", func(ctx context.Context, c conn) error {
		found, rows = nil, 0
		return c.run(ctx, scanJobs(s, func(d job) error {
			rows++
			*last = d.position()
			mayBe := last.at <= until && (last.at <= left || j.others == nil || d.origin == j.process() || q.Stream == "")
			if mayBe && d.holder == 0 && !j.has(company, &d) {
				found = append(found, d)
			}
			return nil
		}))
	})
	slices.SortFunc(found, inOrder)
	return found, rows == size && q.Stream == "", err
}

func inOrder(a, b job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.no, b.no)) }

func ofStream(company, id string) statement {
	return named("jobs", "stream", jobColumns, streamDigest(company, id))
}

// Jobs implements journal.Journal.
func (j *jobs) Jobs(ctx context.Context, company string, q journal.JobQuery) (listed []journal.Job, err error) {
	if err := j.settled(ctx); err != nil {
		return nil, err
	}
	limit := cmp.Or(max(q.Limit, 0), math.MaxInt32)
	var found []job
	if q.Claimed {
		found, err = j.withClaimed(ctx, company, q.Stream, limit)
	} else {
		all := journal.ClaimQuery{Until: journal.FromInstant(math.MaxInt64), Stream: q.Stream}
		last, _ := j.floor(company)
		for more := true; more && err == nil && len(found) < limit; {
			var page []job
			page, more, err = j.candidates(ctx, company, all, &last, limit+8)
			found = append(found, page...)
		}
	}
	for _, d := range found[:min(limit, len(found))] {
		listed = append(listed, d.Job)
	}
	return listed, err
}

// withClaimed returns jobs, the claimed ones too, which say who holds them.
func (j *jobs) withClaimed(ctx context.Context, company, stream string, limit int) (found []job, err error) {
	s := ofStream(company, stream)
	if stream == "" {
		s = ask(selectJobs+"NULL ORDER BY at, no LIMIT $2", company, limit)
	}
	err = j.run(ctx, "jobs", func(ctx context.Context, c conn) error {
		holders := map[int64]string{}
		found = nil
		statements := []statement{scanJobs(s, appendTo(&found))}
		if j.others != nil {
			var no int64
			var name string
			statements = append(statements, ask("SELECT no, name FROM processes").scan(func() error { holders[no] = name; return nil }, &no, &name))
			if stream == "" {
				statements = append(statements, scanJobs(ask(selectJobs+"NOT NULL", company), appendTo(&found)))
			}
		}
		if err := c.run(ctx, statements...); err != nil {
			return err
		}
		for i := range found {
			switch d := &found[i]; {
			case d.holder != 0:
				d.Holder = cmp.Or(holders[d.holder], "a process that has ended")
			case j.has(company, d):
				d.Holder = journal.ThisProcess()
			}
		}
		return nil
	})
	slices.SortFunc(found, inOrder)
	return found, err
}

// Renew implements journal.Journal. PostgreSQL is told of it with the next sign of life.
func (j *jobs) Renew(_ context.Context, company string, jobs ...journal.Job) (lost []journal.Job, err error) {
	if j.signals.Over() {
		return nil, journal.ErrClosed
	}
	j.locked(company, func(k *claims) {
		for _, d := range jobs {
			if now := j.now(); k.valid(d.Seq, now) != 0 {
				one := k.all[d.Seq]
				one.until = now.Add(j.lease)
				k.all[d.Seq] = one
			} else {
				lost = append(lost, d)
			}
		}
	})
	return lost, nil
}

// Release implements journal.Journal.
func (j *jobs) Release(ctx context.Context, company string, jobs ...journal.Job) error {
	if j.signals.Over() {
		return journal.ErrClosed
	}
	var released []int64
	j.locked(company, func(k *claims) {
		for _, d := range jobs {
			released = append(released, k.release(d.Seq, j.now())...)
		}
	})
	if len(released) == 0 || j.others == nil {
		return nil
	}
	written := j.others.release(company, released, true)
	if written == nil {
		return journal.ErrClosed
	}
	return await(ctx, written)
}

// ReleaseHeld implements journal.Journal. A job whose lease has lapsed is left to whoever has claimed it since. Other processes see it
// a moment later: a call's connection need not wait for that.
func (j *jobs) ReleaseHeld(_ context.Context, company, stream string) error {
	if j.signals.Over() {
		return journal.ErrClosed
	}
	var released []int64
	j.locked(company, func(k *claims) {
		for seq, one := range k.all {
			if one.answering == stream {
				released = append(released, k.release(seq, j.now())...)
			}
		}
	})
	if len(released) > 0 && j.others != nil {
		j.others.release(company, released, false)
	}
	return nil
}

// settled waits until what this process has released is pending in the database, too.
func (j *jobs) settled(ctx context.Context) error {
	if j.others == nil {
		return nil
	}
	return j.others.settled(ctx)
}

// Stats implements journal.Journal. Bytes are those of the entries.
func (j *jobs) Stats(ctx context.Context, name string) (total journal.Stats, err error) {
	if err := j.settled(ctx); err != nil {
		return total, err
	}
	err = j.run(ctx, "stats", func(ctx context.Context, c conn) error {
		total = journal.Stats{Claimed: len(j.claimed(name))}
		var claimed int64
		held := ask("SELECT count(*) FROM jobs WHERE holder IS NOT NULL AND ($1 = '' OR company = (SELECT no FROM companies WHERE name = $1))", name).
			scan(func() error {
				if j.others != nil { // SQLite's are in memory
					total.Claimed = int(claimed)
				}
				return nil
			}, &claimed)
		s := ask(selectCompanies+" WHERE $1 = '' OR name = $1", name)
		return c.run(ctx, held, scanCompanies(s, func(c *company) error {
			total.Done += c.jobSeq - c.jobs
			total.Streams += int(c.streams)
			total.Entries += int(c.entries)
			total.Bytes += int(c.bytes)
			total.Jobs += int(c.jobs)
			total.Dropped += c.dropped
			return nil
		}))
	})
	return total, err
}

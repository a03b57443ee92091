package sqljournal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"mozartosim/simulator/journal"
)

// Check implements journal.Journal: it reads everything that is there and says what does not match: checksums, whether
// streams, entries, names, jobs and the companies' counts belong together, and the database's own structure.
func (s *store) Check(ctx context.Context) error {
	if s.signals.Over() {
		return journal.ErrClosed
	}
	return s.db.run(ctx, call{what: "check", long: true}, func(ctx context.Context, on conn) error {
		var companies []*company
		err := on.run(ctx, scanCompanies(ask(selectCompanies), appendTo(&companies)))
		names := 0
		for _, c := range companies {
			if err != nil {
				return err
			}
			k := checking{on: on, company: c, streams: map[int64]*stream{}, kept: map[int64][2]uint64{}, names: map[digest]int64{}}
			err = k.all(ctx)
			names += len(k.names)
		}
		if err != nil {
			return err
		}
		for _, table := range []string{"streams", "appends", "jobs"} {
			var strays int64
			text := "SELECT count(*) FROM " + table + " WHERE NOT EXISTS (SELECT 1 FROM companies c WHERE c.no = " + table + ".no >> 40)"
			if err := on.run(ctx, ask(text).into(&strays)); err != nil {
				return err
			}
			if err := counted(table+" of no company", uint64(strays), 0); err != nil {
				return err
			}
		}
		if err := checkRequests(ctx, on); err != nil {
			return err
		}
		return s.db.check(ctx, on, names)
	})
}

// checking is a company being checked.
type checking struct {
	on      conn
	company *company
	streams map[int64]*stream
	kept    map[int64][2]uint64 // how many entries and jobs were found of each stream
	names   map[digest]int64
}

// keep counts what was found of a stream.
func (k *checking) keep(what string, stream int64, id string, entries, jobs int) error {
	if st := k.streams[stream]; st == nil || st.id != id {
		return fmt.Errorf("%s: %w", what, errDamaged)
	}
	was := k.kept[stream]
	k.kept[stream] = [2]uint64{was[0] + uint64(entries), was[1] + uint64(jobs)}
	return nil
}

func (k *checking) all(ctx context.Context) error {
	c := k.company
	of := func(table string) string { return " FROM " + table + " WHERE no >= $1 AND no < $2" }
	err := k.on.run(ctx,
		k.readStreams(of("streams")),
		scanAppends(ask("SELECT "+appendColumns+of("appends"), c.base(), c.end()), func(stream int64, id string, entries []journal.Entry) error {
			return k.keep("entries of stream "+id+" belong to none", stream, id, len(entries), 0)
		}),
		scanJobs(ask("SELECT "+jobColumns+of("jobs"), c.base(), c.end()), func(d job) error {
			return k.keep("job "+d.ID+" belongs to no stream", d.stream, d.Stream, 0, 1)
		}))
	if err != nil {
		return err
	}
	var entries, bytes, jobs uint64
	for no, st := range k.streams {
		entries, bytes, jobs = entries+st.length, bytes+st.bytes, jobs+st.jobs
		for _, d := range st.names(c.name) {
			k.names[d] = no
		}
		if found := k.kept[no]; found != [2]uint64{st.length, st.jobs} {
			return fmt.Errorf("stream %s has %d entries of %d and %d jobs of %d: %w", st.id, found[0], st.length, found[1], st.jobs, errDamaged)
		}
	}
	if found := [4]uint64{uint64(len(k.streams)), entries, bytes, jobs}; found != [4]uint64{c.streams, c.entries, c.bytes, c.jobs} {
		return fmt.Errorf("company %s counts %d streams, %d entries, %d bytes and %d jobs, there are %d: %w",
			c.name, c.streams, c.entries, c.bytes, c.jobs, found, errDamaged)
	}
	found := map[digest]int64{}
	err = k.on.run(ctx, owners(slices.Collect(maps.Keys(k.names)), found))
	if err == nil && !maps.Equal(found, k.names) {
		err = fmt.Errorf("company %s has names that lead elsewhere: %w", c.name, errDamaged)
	}
	return err
}

// readStreams reads all streams, and compares the columns by which they are found with their data.
func (k *checking) readStreams(from string) statement {
	var no, encoding int64
	var data []byte
	var columns [7]any
	s := ask("SELECT "+streamColumns+", final, psp, type, status, deliveries, user_id, merchant_reference"+from, k.company.base(), k.company.end())
	return s.scan(func() error {
		s, err := unpackStream(no, encoding, data)
		if err != nil {
			return err
		}
		k.streams[no] = s
		if row := s.row(); !slices.Equal(columns[:], append(row[1:6:6], row[changedColumns:]...)) {
			return fmt.Errorf("stream %s has the columns %v, its data are those of %v: %w", s.id, columns, row, errDamaged)
		}
		return nil
	}, &no, &encoding, &data, &columns[0], &columns[1], &columns[2], &columns[3], &columns[4], &columns[5], &columns[6])
}

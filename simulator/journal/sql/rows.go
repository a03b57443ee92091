package sqljournal

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/journal"
)

// schema makes the tables. {int} and {bytes} are each dialect's words; {hot} is for rows that are written over and over.
//
// No is the number of a row in the whole database: the company's number, shifted by 40 bits, and the row's own in the
// company. Data is packed and ends with a checksum; encoding says how it is packed.
const schema = `
CREATE TABLE writers (version {int} NOT NULL, program text NOT NULL);
CREATE TABLE companies (
	no       {serial}, -- is never given again
	name     text NOT NULL UNIQUE,
	encoding int NOT NULL,
	data     {bytes} NOT NULL
){hot};
CREATE TABLE ordinals ( -- apart from companies, so that numbering payments doesn't wait for writing them
	company text PRIMARY KEY,
	last    {int} NOT NULL,
	inverse {int} NOT NULL -- -last, so that damage is noticed
){hot};
CREATE TABLE streams (
	no                 {key}, -- the stream's ordinal
	final              {int}, -- the company, and the stream's place among the final ones; NULL = it is not final
	psp                text,  -- these are labels, cut short, to find streams by; NULL = it is empty
	type               text,
	status             text,
	deliveries         text,
	user_id            text,
	merchant_reference text,
	encoding           int NOT NULL,
	data               {bytes} NOT NULL
){warm};
CREATE INDEX streams_final ON streams (final) WHERE final IS NOT NULL;
CREATE INDEX streams_user_id ON streams (user_id, no) WHERE user_id IS NOT NULL;
CREATE INDEX streams_merchant_reference ON streams (merchant_reference, no) WHERE merchant_reference IS NOT NULL;
CREATE TABLE appends (
	no       {key}, -- the Seq of the first entry
	stream   {int} NOT NULL,
	encoding int NOT NULL,
	data     {bytes} NOT NULL
);
CREATE INDEX appends_stream ON appends (stream, no);
CREATE TABLE jobs (
	no          {key}, -- counts the company's jobs
	company     {int} NOT NULL,
	stream      {int} NOT NULL,
	at          {int} NOT NULL, -- nanoseconds since 1970 on the company's clock
	origin      {int} NOT NULL, -- the process that wrote it
	holder      {int},          -- the process that has claimed it; NULL = it is pending
	lease_until {int},          -- milliseconds since 1970 on the database's clock: then it is pending again
	encoding    int NOT NULL,
	data        {bytes} NOT NULL
){warm};
CREATE INDEX jobs_pending ON jobs (company, at, no) WHERE holder IS NULL;
CREATE INDEX jobs_claimed ON jobs (holder) WHERE holder IS NOT NULL;
CREATE INDEX jobs_stream ON jobs (stream, no);
CREATE TABLE settings (
	company  text NOT NULL,
	name     text NOT NULL,
	rev      {int} NOT NULL UNIQUE,
	gone     int NOT NULL, -- 1 = it was removed
	encoding int NOT NULL,
	data     {bytes} NOT NULL,
	PRIMARY KEY (company, name)
);
` + requestsSchema

// shift makes room for a company's streams, appends and jobs after its number: a row's number is the company's, shifted, and
// the row's own within the company.
const shift = 40

func within(no int64) uint64 { return uint64(no & (1<<shift - 1)) }

// company is a company's row: its name and its counters.
type company struct {
	no                            int64
	name                          string
	began, seq, finalSeq, jobSeq  uint64 // the last ordinal, Seq, place among the final streams, and number of a job
	streams, entries, bytes, jobs uint64 // what is there
	dropped                       uint64
}

const (
	selectCompanies = "SELECT no, name, encoding, data FROM companies"
	// base is the number after which a company's rows are; a company that isn't there has none, and so no rows.
	base = "(SELECT no << 40 FROM companies WHERE name = $1)"
)

// base and end are the numbers between which the company's rows are.
func (c *company) base() int64 { return c.no << shift }
func (c *company) end() int64  { return (c.no + 1) << shift }

// begin gives a new company its number.
func (c *company) begin() statement {
	return ask("INSERT INTO companies (name, encoding, data) VALUES ($1, 0, '') RETURNING no", c.name).into(&c.no)
}

func (c *company) save() statement {
	return ask("UPDATE companies SET encoding = $2, data = $3 WHERE no = $1", c.no, int64(plainEncoding), c.pack())
}

func (c *company) counters() []*uint64 {
	return []*uint64{&c.began, &c.seq, &c.finalSeq, &c.jobSeq, &c.streams, &c.entries, &c.bytes, &c.jobs, &c.dropped}
}

func (c *company) pack() []byte {
	packed := packText(nil, c.name)
	for _, counter := range c.counters() {
		packed = binary.AppendUvarint(packed, *counter)
	}
	return seal(packed, c.no)
}

// unpack reads the row whose number and name are known.
func (c *company) unpack(encoding int64, data []byte) error {
	u, err := unseal(encoding, data, c.no)
	if err != nil {
		return fmt.Errorf("company %d: %w", c.no, err)
	}
	name := u.text()
	for _, counter := range c.counters() {
		*counter = u.count()
	}
	if u.end() != nil || name != c.name {
		return fmt.Errorf("company %d: %w", c.no, errDamaged)
	}
	return nil
}

// stream is a stream's row: all of it but its entries and jobs.
type stream struct {
	no                  int64
	id                  string
	length, bytes, jobs uint64
	final               uint64 // its place among the final streams; 0 = it is not final
	labels              journal.Labels
	keys                []string

	fresh, touched, moved bool // a batch has begun it, changed it, changed labels that have an index of their own
}

// streamColumns are read; written are those of a new stream, the first of which are written again when it changes, and the
// last when those labels do.
const (
	streamColumns  = "no, encoding, data"
	changedStreams = "no bigint, final bigint, psp text, type text, status text, deliveries text, encoding int, data bytea"
	writtenStreams = changedStreams + ", user_id text, merchant_reference text"
)

// columnOf is the column of a label by which streams are found, "" when it has none. The columns are beside the data, which
// have all labels whole.
func columnOf(label string) string {
	switch label {
	case "psp", "type", "status", "deliveries":
		return label
	case "userId":
		return "user_id"
	case "merchantReference":
		return "merchant_reference"
	}
	return ""
}

// searched is a label's value as its column has it: nil when it is empty, and no longer than an index likes.
func searched(value string) any {
	if value == "" {
		return nil
	}
	return storable(value[:min(len(value), 60)])
}

// storable is a text as a database has it: PostgreSQL takes no other.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
}

func (s *stream) head(company string) journal.Stream {
	return journal.Stream{Company: company, ID: s.id, Ordinal: within(s.no), Length: int(s.length), Labels: slices.Clip(s.labels)}
}

// row is the stream's row as writtenStreams has it.
func (s *stream) row() []any {
	row := []any{s.no, nil}
	if s.final > 0 {
		row[1] = s.no>>shift<<shift + int64(s.final)
	}
	for _, label := range []string{"psp", "type", "status", "deliveries"} {
		row = append(row, searched(s.labels.Get(label)))
	}
	row = append(row, int64(plainEncoding), s.pack())
	return append(row, searched(s.labels.Get("userId")), searched(s.labels.Get("merchantReference")))
}

// changedColumns is how many of the row's columns changedStreams has.
const changedColumns = 8

func (s *stream) pack() []byte {
	packed := binary.AppendUvarint(packText(make([]byte, 0, 384), s.id), uint64(len(s.keys)))
	for _, key := range s.keys {
		packed = packText(packed, key)
	}
	for _, n := range []uint64{s.length, s.bytes, s.jobs, s.final, uint64(len(s.labels))} {
		packed = binary.AppendUvarint(packed, n)
	}
	for _, l := range s.labels {
		packed = packText(packText(packed, l.Name), l.Value)
	}
	return seal(packed, s.no)
}

func unpackStream(no, encoding int64, data []byte) (*stream, error) {
	u, err := unsealStream(no, encoding, data)
	if err != nil {
		return nil, err
	}
	s := &stream{no: no, id: u.text()}
	u.times(func() { s.keys = append(s.keys, u.text()) })
	s.length, s.bytes, s.jobs, s.final = u.count(), u.count(), u.count(), u.count()
	u.times(func() { s.labels = append(s.labels, journal.Label{Name: u.text(), Value: u.text()}) })
	return s, u.end()
}

func unsealStream(no, encoding int64, data []byte) (*unpacker, error) {
	u, err := unseal(encoding, data, no)
	if err != nil {
		return nil, fmt.Errorf("stream %d of company %d: %w", within(no), no>>shift, err)
	}
	return u, nil
}

// eachName calls do for the names of a stream, without unpacking the rest.
func eachName(company string, no, encoding int64, data []byte, do func(digest)) error {
	u, err := unsealStream(no, encoding, data)
	if err != nil {
		return err
	}
	do(streamDigest(company, u.bytes()))
	u.times(func() { do(keyDigest(u.bytes())) })
	return nil
}

// names are the digests by which a stream is found.
func (s *stream) names(company string) []digest {
	names := []digest{streamDigest(company, s.id)}
	for _, key := range s.keys {
		names = append(names, keyDigest(key))
	}
	return names
}

const (
	appendColumns  = "no, stream, encoding, data"
	writtenAppends = "no bigint, stream bigint, encoding int, data bytea"
)

// appendRow packs the entries of one append, which have numbers from no on; size is what the entries take.
func appendRow(no int64, s *stream, entries []journal.Entry) (row []any, size uint64) {
	room := 16 + len(s.id)
	for _, e := range entries {
		room += 24 + len(e.Kind) + len(e.Data)
	}
	packed := binary.AppendUvarint(packText(make([]byte, 0, room), s.id), uint64(len(entries)))
	for _, e := range entries {
		packed = binary.AppendVarint(packed, e.At.UnixMilli())
		packed = packText(packText(packed, e.Kind), e.Data)
	}
	return []any{no, s.no, int64(plainEncoding), seal(packed, no, s.no)}, uint64(len(packed))
}

// scanAppends has each called for every append that a statement with appendColumns finds, with its stream's number and id.
func scanAppends(s statement, each func(stream int64, id string, entries []journal.Entry) error) statement {
	var no, stream, encoding int64
	var data []byte
	return s.scan(func() error {
		u, err := unseal(encoding, data, no, stream)
		if err != nil {
			return fmt.Errorf("entry %d of company %d: %w", within(no), no>>shift, err)
		}
		var entries []journal.Entry
		id := u.text()
		u.times(func() {
			e := journal.Entry{Seq: within(no) + uint64(len(entries)), At: time.UnixMilli(u.number()).UTC(), Kind: u.text()}
			e.Data = u.bytes()
			entries = append(entries, e)
		})
		if u.end() != nil {
			return fmt.Errorf("entry %d of company %d: %w", within(no), no>>shift, errDamaged)
		}
		return each(stream, id, entries)
	}, &no, &stream, &encoding, &data)
}

// job is a job's row.
type job struct {
	no, stream int64
	origin     int64 // the process that wrote it, 0 when there is but one
	holder     int64 // the process that has claimed it, 0 when it is pending
	fresh      bool  // it is not written yet
	journal.Job
}

const (
	jobColumns  = "no, stream, at, origin, coalesce(holder, 0), encoding, data"
	writtenJobs = "no bigint, company bigint, stream bigint, at bigint, origin bigint, encoding int, data bytea"
)

// newJob numbers a job that a process schedules for a stream.
func newJob(c *company, process, stream int64, d journal.Job) job {
	c.jobSeq++
	return job{no: c.base() + int64(c.jobSeq), stream: stream, origin: process, Job: d}
}

func (d *job) row() []any {
	at := journal.Instant(d.At)
	packed := packText(packText(packText(packText(nil, d.Stream), d.ID), d.Kind), d.Data)
	return []any{d.no, d.no >> shift, d.stream, at, d.origin, int64(plainEncoding), seal(packed, d.no, d.stream, at)}
}

// scanJobs has each called for every job that a statement with jobColumns finds.
func scanJobs(s statement, each func(job) error) statement {
	var d job
	var at, encoding int64
	var data []byte
	return s.scan(func() error {
		u, err := unseal(encoding, data, d.no, d.stream, at)
		if err == nil {
			d.Job = journal.Job{Stream: u.text(), ID: u.text(), At: journal.FromInstant(at), Seq: within(d.no), Kind: u.text()}
			d.Data = u.bytes()
			err = u.end()
		}
		if err != nil {
			return fmt.Errorf("job %d of company %d: %w", within(d.no), d.no>>shift, err)
		}
		return each(d)
	}, &d.no, &d.stream, &at, &d.origin, &d.holder, &encoding, &data)
}

// scanStreams has each called for every stream that a statement with streamColumns finds.
func scanStreams(s statement, each func(*stream) error) statement {
	var no, encoding int64
	var data []byte
	return s.scan(func() error {
		found, err := unpackStream(no, encoding, data)
		if err != nil {
			return err
		}
		return each(found)
	}, &no, &encoding, &data)
}

// appendTo adds what a statement finds to a list.
func appendTo[T any](list *[]T) func(T) error {
	return func(found T) error {
		*list = append(*list, found)
		return nil
	}
}

// scanCompanies has each called for every company that a statement of selectCompanies finds.
func scanCompanies(s statement, each func(*company) error) statement {
	var no, encoding int64
	var name string
	var data []byte
	return s.scan(func() error {
		c := &company{no: no, name: name}
		if err := c.unpack(encoding, data); err != nil {
			return err
		}
		return each(c)
	}, &no, &name, &encoding, &data)
}

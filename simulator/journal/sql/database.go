package sqljournal

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// version is the schema's version. Versions 1 and 2 were those of the engines that this package replaced. Their payments have
// names that this program does not know, so they are refused. Version 3 had requests in another form: its payments are brought
// over by an export. Version 4 had the details of requests in a table of their own: it is brought to this one when it is opened.
const version = 5

// olderRemedy says what to do with what an older version of the schema has, and a program wrote; another is where to begin anew.
func olderRemedy(found int64, program, another string) string {
	if found == 3 {
		return fmt.Sprintf("export it by `data export` of the %s, and import that by `mozartosim data import` (kept calls are not in it), or %s", program, another)
	}
	return fmt.Sprintf("its payments can't be read by this version; keep it for the %s, and %s", program, another)
}

// Options are what a journal can be told beside its place; what is zero is as usual. Those from Conns on are of a PostgreSQL
// database only.
type Options struct {
	Limits  journal.Limits
	Log     *slog.Logger // nil = nothing is logged
	Version string       // the program's, for those who find the data too new for theirs

	Now func() time.Time // by which leases lapse; nil = the machine's clock

	Conns   int           // connections for calls; 0 = 8. One more listens, and up to Locks are for locks
	Locks   int           // how many companies' locks the process can hold at the same time; 0 = 4
	Timeout time.Duration // how long a call waits for PostgreSQL before it fails; 0 = 10 s
	Lease   time.Duration // how long a claim holds that is not renewed, and a process that gives no sign of life counts as living; 0 = journal.Lease
	Beat    time.Duration // how often the process gives a sign of life and frees the jobs of dead ones; 0 = a third of Lease

	fileSystem   string        // SQLite's name of the file system that it uses; "" = the usual one
	damageSearch time.Duration // how long OpenFile searches a file for damage; 0 = 150 ms
}

func (o Options) orUsual() Options {
	o.Limits = o.Limits.OrUsual()
	o.Conns = cmp.Or(max(o.Conns, 0), 8)
	o.Locks = cmp.Or(max(o.Locks, 0), 4)
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.Lease = cmp.Or(o.Lease, journal.Lease)
	o.Beat = cmp.Or(o.Beat, o.Lease/3)
	o.damageSearch = cmp.Or(o.damageSearch, 150*time.Millisecond)
	if o.Now == nil {
		o.Now = clock.Wall
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// store is a database with what this process knows of it; the parts of a Journal share it.
type store struct {
	db      database
	others  replicas // nil = the database belongs to this process
	signals *journal.Signals
}

// scope is where a company's appends are written one after the other: SQLite writes one transaction at a time.
func (s *store) scope(company string) string {
	if s.others == nil {
		return ""
	}
	return "company " + company
}

// run has do run statements unless the journal is closed.
func (s *store) run(ctx context.Context, what string, do func(context.Context, conn) error) error {
	if s.signals.Over() {
		return journal.ErrClosed
	}
	return s.db.run(ctx, call{what: what}, do)
}

func (s *store) transact(ctx context.Context, c call, do func(context.Context, *tx) error) error {
	if s.signals.Over() {
		return journal.ErrClosed
	}
	return s.db.transact(ctx, c, do)
}

// process is this process's number, 0 when there is but one.
func (s *store) process() int64 {
	if s.others == nil {
		return 0
	}
	return s.others.process()
}

// tell tells this process and the others that a company has changed.
func (s *store) tell(company string) {
	s.signals.Tell(company)
	s.tellOthers(company, aboutCompany)
}

func (s *store) tellOthers(company string, about topic) {
	if s.others != nil {
		s.others.tell(company, about)
	}
}

// trial is more than a payment: where it can be written, payments can.
const trial = 64 << 10

// Ready implements journal.Journal. It writes a row anew that is no writer's.
func (s *store) Ready(ctx context.Context) error {
	return s.transact(ctx, call{what: "ready", scope: "ready"}, func(_ context.Context, t *tx) error {
		t.later(ask("DELETE FROM writers WHERE version = 0"), ask("INSERT INTO writers (version, program) VALUES (0, $1)", strings.Repeat(" ", trial)))
		return nil
	})
}

// Shared implements journal.Journal.
func (s *store) Shared() bool { return s.others != nil }

// Elsewhere implements journal.Journal.
func (s *store) Elsewhere(heard func(company string)) { s.signals.Elsewhere(heard) }

// Changed implements journal.Journal.
func (s *store) Changed(company string) <-chan struct{} { return s.signals.Changed(company) }

// database is what SQLite and PostgreSQL do differently.
type database interface {
	// run has do run statements, each by itself. Do may be called more than once.
	run(ctx context.Context, c call, do func(context.Context, conn) error) error
	// transact has do run statements in a transaction that sees everything written to its scope before. Do may be called more
	// than once, but what it leaves to be written is written once.
	transact(ctx context.Context, c call, do func(context.Context, *tx) error) error
	// check looks at the database's own structure, in which so many names should be.
	check(ctx context.Context, c conn, names int) error
	close() error
}

// replicas is what a database does that several processes share.
type replicas interface {
	// process is this process's number.
	process() int64
	// claim takes those jobs for this process that no other process has claimed.
	claim(ctx context.Context, jobs []int64) (claimed []int64, err error)
	// insertHeld inserts rows of writtenJobs that this process holds from the beginning.
	insertHeld(rows [][]any) statement
	// release makes a company's jobs pending again that this process holds, and tells those who wait for changes; written gets its
	// error, for which the caller waits if awaited, and is nil when the journal is closed. settled waits until all is written.
	release(company string, jobs []int64, awaited bool) (written <-chan error)
	settled(ctx context.Context) error
	// lock takes a company's lock against other processes.
	lock(ctx context.Context, company string) (unlock func(), err error)
	// tell tells other processes that something has changed.
	tell(company string, about topic)
}

// topic is what a message to other processes is about.
type topic byte

const (
	aboutCompany  topic = 'c'
	aboutSettings topic = 's' // a company's
	aboutRequests topic = 'r' // a company's, "" = of those that reached none
	aboutAll      topic = '*'
)

// call says what statements are for.
type call struct {
	what  string // for errors
	scope string // of a transaction: those of one scope run one after the other
	long  bool   // it may take long; all that it reads is of one moment
}

// conn runs statements: SQLite one by one, PostgreSQL all in one round trip. When one fails, the rest is not run.
type conn interface {
	run(ctx context.Context, statements ...statement) error
}

// tx is a transaction.
type tx struct {
	conn    conn
	waiting []statement
	writes  bool // there is something to commit
}

// run runs the statements that wait, and then these.
func (t *tx) run(ctx context.Context, statements ...statement) error {
	statements = append(t.waiting, statements...)
	t.waiting = nil
	return t.conn.run(ctx, statements...)
}

// later has statements that write run with the next ones or with the commit, without a round trip of their own.
func (t *tx) later(statements ...statement) {
	t.waiting, t.writes = append(t.waiting, statements...), true
}

// verb is what a statement does.
type verb int

const (
	query       verb = iota // text is SQL
	insertRows              // into the table text
	updateRows              // of the table text; the first column is the key
	removeRows              // of the table text, by its only column
	insertNames             // a row is a digest and a stream
	removeNames             // of digests
	findNames               // returns a digest and a stream for each digest that is there
	findNamed               // returns the rows of the table text whose column key is a stream with one of the digests
)

// statement is one statement, or one for each of many rows.
type statement struct {
	verb    verb
	text    string
	columns string // of a table; those that are written have their types after them
	also    string // more columns of rows that are inserted, which are as an expression of args says
	as      string
	key     string
	args    []any
	rows    [][]any
	digests []digest
	lock    bool         // the rows that findNamed returns stay as they are until the transaction ends
	targets []any        // where a row's columns go: *int64, *string, *[]byte, *digest or *any
	each    func() error // called for every row; nil = no rows are expected
}

// ask is a statement in SQL that both dialects understand; its arguments are $1, $2 and so on.
func ask(text string, args ...any) statement { return statement{text: text, args: args} }

// scan has each called for every row.
func (s statement) scan(each func() error, targets ...any) statement {
	s.each, s.targets = each, targets
	return s
}

// into scans the only row.
func (s statement) into(targets ...any) statement {
	return s.scan(func() error { return nil }, targets...)
}

func insert(table, columns string, rows ...[]any) statement {
	return statement{verb: insertRows, text: table, columns: columns, rows: rows}
}

func update(table, columns string, rows ...[]any) statement {
	return statement{verb: updateRows, text: table, columns: columns, rows: rows}
}

func remove(table, column string, keys []int64) statement {
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = []any{key}
	}
	return statement{verb: removeRows, text: table, columns: column + " bigint", rows: rows}
}

// named finds the rows of a table that belong to streams, by the streams' names.
func named(table, key, columns string, digests ...digest) statement {
	return statement{verb: findNamed, text: table, key: key, columns: columns, digests: digests}
}

// owners finds the streams that have digests.
func owners(digests []digest, found map[digest]int64) statement {
	var d digest
	var stream int64
	return statement{verb: findNames, digests: digests}.scan(func() error {
		found[d] = stream
		return nil
	}, &d, &stream)
}

// split returns the names and the types of columns.
func split(columns string) (names, types []string) {
	for column := range strings.SplitSeq(columns, ", ") {
		name, kind, _ := strings.Cut(column, " ")
		names, types = append(names, name), append(types, kind)
	}
	return names, types
}

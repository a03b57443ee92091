package journal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"
)

// Errors of every Journal; compare with errors.Is.
var (
	ErrNotFound = errors.New("not in the journal")
	ErrConflict = errors.New("somebody else appended to the stream first")
	ErrExists   = errors.New("the key belongs to another stream")
	ErrClosed   = errors.New("the journal is closed")
	ErrLost     = errors.New("the job is gone, or another process has taken it over")
	ErrCursor   = errors.New("no list has given this cursor")
	ErrOutdated = errors.New("a setting was put that the caller does not know")
	// ErrUnavailable is what errors of Unavailable are.
	ErrUnavailable = errors.New("the journal can't be read or written now")
)

// Unavailable marks an error because of which a journal can't be read or written now. Its words stay.
func Unavailable(err error) error { return unavailable{err} }

type unavailable struct{ cause error }

func (u unavailable) Error() string   { return u.cause.Error() }
func (u unavailable) Unwrap() []error { return []error{ErrUnavailable, u.cause} }

// Lease is for how long a claim holds. The process that claimed a job renews it for as long as it has the job in hand; a claim
// that nobody renews lapses, for its own process too, and the job is pending again.
const Lease = 10 * time.Second

// AnyRev is the Rev of callers who rely on no setting.
const AnyRev = math.MaxUint64

// Entry is one thing that happened, as it is kept.
type Entry struct {
	Seq  uint64    `json:"seq"` // counts a company's entries, from 1
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Data []byte    `json:"data"` // opaque
}

// Append is a set of entries for one stream, kept all or not at all.
type Append struct {
	Company   string
	Stream    string
	Seen      int     // how many entries of the stream the writer knew; another number is ErrConflict
	Entries   []Entry // Seq is given by the journal
	Labels    Labels  // the stream's labels from now on; nil leaves them
	Keys      []string
	Jobs      []Job    // work that begins to wait
	Hold      bool     // its Jobs are claimed by this process from the beginning, until ReleaseHeld or Release, or for a Lease; only where others share the journal
	Done      []Job    // claimed jobs that the append carries out; ErrLost when one is gone, or another process has it
	Completed []string // ids of work that is over, done or not; unknown ones are passed over
	Final     bool     // nothing more is expected: the stream may be dropped when the limit is reached
}

// Job is work that waits for its time on the company's clock: pending, claimed or done. It is written in the same append as what
// caused it, and taken away in the same append as what came of it: work is never lost, and its effect is never kept twice.
type Job struct {
	ID     string // unique in the company among those that are there; a later one may have it again
	Stream string // given by the journal: the stream of the append
	At     time.Time
	Seq    uint64 // given by the journal: the order among equals, and, with At, what tells a job from a later one of its ID
	Kind   string
	Data   []byte // opaque
	Holder string // given by the journal: the process that has claimed it, "" when it is pending
}

// ThisProcess is the name under which this process holds jobs: its host and its process id.
func ThisProcess() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}

// ClaimQuery says which jobs are asked for.
type ClaimQuery struct {
	Until  time.Time                // due at this time or earlier
	Limit  int                      // at most so much; 0 = 1
	Stream string                   // of this stream only; "" = of all
	Skip   func(stream string) bool // streams whose work stays; nil = none
	// OwnerFirst is for how long after its time work is left to the process that began it; a journal of one process ignores it.
	OwnerFirst time.Duration
}

// JobQuery picks jobs of a company.
type JobQuery struct {
	Stream  string // of this stream only, however many jobs of others come first; "" = of all
	Claimed bool   // claimed ones too
	Limit   int    // at most so many; 0 = all
}

// Setting is a small document that a company has beside its streams: how it is configured, where its clock stands. A stream
// says what happened; a setting says how things are, and what it said before is gone.
type Setting struct {
	Company, Name string
	Rev           uint64 // given by the journal: later changes, of whatever setting, have higher ones
	Data          []byte // opaque; nil = there is none any more
}

// SettingQuery picks settings.
type SettingQuery struct {
	After uint64 // only those that changed after a Rev
	Named string // only those of no company whose name begins so; "" = all, of whichever company
}

// Label is a name and a value by which a stream can be listed.
type Label struct{ Name, Value string }

// Labels are a stream's labels. They must not be changed after they were handed over.
type Labels []Label

// Get returns a label's value, "" when there is none of that name.
func (l Labels) Get(name string) string {
	for i := range l {
		if l[i].Name == name {
			return l[i].Value
		}
	}
	return ""
}

// Stream is a stream without its entries.
type Stream struct {
	Company string
	ID      string
	Ordinal uint64 // the company's n-th stream
	Length  int
	Labels  Labels
}

// Query picks streams of a company, newest first.
type Query struct {
	Labels Labels // all must match
	Having string // the label of this name must not be empty; "" = any
	Before uint64 // only streams with a lower ordinal; 0 = from the newest
	Limit  int    // at most so many; 0 = 100
}

// Cursor is where a list goes on, before an ordinal, a Seq or a No, for those who list page by page; "" for 0. It is encoded, so that they
// don't rely on what it says.
func Cursor(before uint64) string {
	if before == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(strconv.AppendUint(nil, before, 36))
}

// Before is what a Cursor says; 0 for "". The error is ErrCursor.
func Before(cursor string) (uint64, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		var before uint64
		if before, err = strconv.ParseUint(string(text), 36, 64); err == nil && before > 0 {
			return before, nil
		}
	}
	return 0, ErrCursor
}

// FeedQuery picks a company's entries across its streams.
type FeedQuery struct {
	After  uint64 // only entries with a higher Seq
	Before uint64 // only entries with a lower Seq; 0 = up to the newest
	Newest bool   // from the newest to the oldest; otherwise as they were appended
	Limit  int    // at most so many; 0 = 100
}

// FeedEntry is an entry and the stream that it belongs to.
type FeedEntry struct {
	Stream string
	Entry
}

// Stats counts what a journal holds and what it dropped because a limit was reached.
type Stats struct {
	Streams int
	Entries int
	Bytes   int
	Jobs    int // pending and claimed ones
	Claimed int
	Done    uint64 // jobs that are there no longer: carried out, cancelled, replaced or dropped
	Dropped uint64
}

// Journal keeps streams. Implementations are safe for concurrent use; what they return must not be changed.
type Journal interface {
	// Append adds entries to a stream, which begins with its first append. ErrConflict, ErrExists; ErrLost when it carries out a
	// job that is gone, or that was taken from this process for dead and handed to another. Once begun it isn't cancelled;
	// after ctx's deadline it is not waited for: ErrUnavailable, and whether the entries are kept is unknown.
	Append(ctx context.Context, a Append) error
	// Ordinal gives the next number for a payment of a company, from 1, each number once. ErrOutdated when a setting has been put
	// that the caller, who knows them up to a Rev, does not know; only where others share the journal.
	Ordinal(ctx context.Context, company string, known uint64) (uint64, error)
	// Entries returns a stream's entries in order. ErrNotFound.
	Entries(ctx context.Context, company, stream string) ([]Entry, error)
	// List returns a company's streams.
	List(ctx context.Context, company string, q Query) ([]Stream, error)
	// Find returns the stream that owns a key. ErrNotFound.
	Find(ctx context.Context, key string) (Stream, error)
	// Claim hands out due jobs in (At, Seq) order. They aren't handed out again until they are released or their Lease lapses.
	Claim(ctx context.Context, company string, t ClaimQuery) ([]Job, error)
	// Renew renews the leases of claimed jobs, and returns those that this process has no longer.
	Renew(ctx context.Context, company string, jobs ...Job) (lost []Job, err error)
	// Release makes claimed jobs pending again; those that this process has no longer are passed over.
	Release(ctx context.Context, company string, jobs ...Job) error
	// ReleaseHeld makes the jobs of a stream pending that this process has held from the beginning.
	ReleaseHeld(ctx context.Context, company, stream string) error
	// Jobs returns the pending jobs of a company, or claimed ones too, in (At, Seq) order.
	Jobs(ctx context.Context, company string, q JobQuery) ([]Job, error)
	// Feed returns a company's entries across its streams, in the order of their Seq.
	Feed(ctx context.Context, company string, r FeedQuery) ([]FeedEntry, error)
	// Changed returns a channel that is closed by the company's next append, by Forget, Import, PutSetting and Close; of "" by PutSetting,
	// for whichever company, and Close. Whoever waits for something asks for it before he looks.
	Changed(company string) <-chan struct{}
	// Elsewhere has heard called whenever another process may have changed a company, "" = any of them. It must not block.
	Elsewhere(heard func(company string))
	// Companies returns the names of the companies that have had a stream or an ordinal, sorted.
	Companies(ctx context.Context) ([]string, error)
	// Walk copies a company as it is at one moment, piece by piece, so that it need not be in memory. An error of the visitor
	// ends the walk, and is returned. The visitor must not call the journal, and not wait for anybody: others may wait for it.
	Walk(ctx context.Context, company string, to Visitor) error
	// Check reads everything that is there and says what does not match.
	Check(ctx context.Context) error
	// Import puts a copy in the place of everything of a company, all or nothing: it is checked first, and then read once more.
	// ErrBroken, ErrExists; ErrEmptied when memory could not read it once more.
	Import(ctx context.Context, company string, from Source) error
	// Forget drops everything of a company; its ordinals begin at 1 again.
	Forget(ctx context.Context, company string) error
	// PutSetting puts a setting in the place of the one with its company and name, if there is one; nil Data takes it away. n.Rev is
	// that of the setting which the writer knew, 0 when he knew none; otherwise ErrConflict. It returns the setting's Rev. Forget
	// and Import leave settings alone.
	PutSetting(ctx context.Context, n Setting) (rev uint64, err error)
	// Settings returns settings in the order of their Rev; those that were taken away are among them.
	Settings(ctx context.Context, q SettingQuery) ([]Setting, error)
	// Lock waits until no other caller, in any process, holds the company's lock, and takes it until unlock is called. It
	// does not prevent appends. ErrClosed, or ctx's error.
	Lock(ctx context.Context, company string) (unlock func(), err error)
	// Requests returns the log of calls.
	Requests() Requests
	// Ready says why entries can't be written now: it writes. Waiting for an answer ends with ctx, where that is possible.
	Ready(ctx context.Context) error
	// Shared says whether other processes may write to the journal at the same time.
	Shared() bool
	// Stats counts a company's share; "" counts all.
	Stats(ctx context.Context, company string) (Stats, error)
	// Close ends the journal; later calls get ErrClosed.
	Close() error
}

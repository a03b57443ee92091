package journal_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// once is a source that can't be read again.
type once struct {
	journaltest.Copy
	read bool
}

var errGone = errors.New("the file is gone")

func (o *once) Read(to journal.Visitor) error {
	if o.read {
		c := o.Copy
		c.Streams = c.Streams[:1]
		return errors.Join(c.Read(to), errGone)
	}
	o.read = true
	return o.Copy.Read(to)
}

// When memory can't read a copy to its end after it was checked, it says that the company has nothing left; it goes on with none.
func TestImportThatBreaksOff(t *testing.T) {
	t.Parallel()
	ctx, j := context.Background(), journal.NewMemory(0)
	appended := journal.Append{Company: "c", Stream: "s", Keys: []string{"k"}, Entries: []journal.Entry{{Kind: "k", At: time.Unix(0, 0)}}}
	if err := j.Append(ctx, appended); err != nil {
		t.Fatal(err)
	}
	c, err := journaltest.Export(ctx, j, "c")
	if err != nil {
		t.Fatal(err)
	}
	c.Streams = append(c.Streams, journal.StreamCopy{ID: "t", Ordinal: 2, Keys: []string{"l"}})
	c.Began = 2
	if err := j.Import(ctx, "c", &once{Copy: c}); !errors.Is(err, journal.ErrEmptied) || !errors.Is(err, errGone) {
		t.Fatalf("got %v", err)
	}
	if stats, err := j.Stats(ctx, ""); err != nil || stats.Streams+stats.Entries+stats.Bytes != 0 {
		t.Errorf("%+v is left, %v", stats, err)
	}
	if _, err := j.Find(ctx, "k"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a key is left: %v", err)
	}
	if err := j.Append(ctx, appended); err != nil {
		t.Error(err)
	}
	if err := j.Import(ctx, "c", c); err != nil {
		t.Error(err)
	}
}

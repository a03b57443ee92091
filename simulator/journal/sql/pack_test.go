package sqljournal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"mozartosim/simulator/journal"
)

// unpackedEntries gives a row to a scan and returns what that makes of it.
func unpackedEntries(no, of int64, data []byte) (id string, entries []journal.Entry, err error) {
	s := scanAppends(statement{}, func(_ int64, name string, found []journal.Entry) error {
		id, entries = name, found
		return nil
	})
	*s.targets[0].(*int64), *s.targets[1].(*int64), *s.targets[2].(*int64), *s.targets[3].(*[]byte) = no, of, plainEncoding, data
	err = s.each()
	return id, entries, err
}

// What is packed is unpacked as it was: times to the millisecond, all else to the byte.
func TestPackedAndUnpacked(t *testing.T) {
	t.Parallel()
	const no, of = 5<<shift + 7, 5<<shift + 1
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOf(rapid.Custom(func(t *rapid.T) journal.Entry {
			return journal.Entry{
				At:   time.UnixMilli(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "at")).UTC(),
				Kind: rapid.String().Draw(t, "kind"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
			}
		})).Draw(t, "entries")
		st := &stream{no: of, id: rapid.String().Draw(t, "id")}
		row, _ := appendRow(no, st, entries)
		id, got, err := unpackedEntries(no, of, row[3].([]byte))
		for i := range entries {
			entries[i].Seq = uint64(7 + i)
		}
		if diff := cmp.Diff(entries, got, cmpopts.EquateEmpty()); err != nil || id != st.id || diff != "" {
			t.Fatalf("%v, %q, %s", err, id, diff)
		}
		if _, _, err := unpackedEntries(no+1, of, row[3].([]byte)); err == nil {
			t.Fatal("the data of another row are not noticed")
		}
		st.labels = rapid.SliceOf(rapid.Custom(func(t *rapid.T) journal.Label {
			return journal.Label{Name: rapid.String().Draw(t, "name"), Value: rapid.String().Draw(t, "value")}
		})).Draw(t, "labels")
		st.keys = rapid.SliceOf(rapid.String()).Draw(t, "keys")
		st.length, st.bytes, st.jobs, st.final = rapid.Uint64().Draw(t, "length"), 1, 2, 3
		back, err := unpackStream(st.no, plainEncoding, st.pack())
		if diff := cmp.Diff(st, back, cmp.AllowUnexported(stream{}), cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%v, %s", err, diff)
		}
	})
}

// Bytes that are not ours are an error, never a panic, even when their checksum matches.
func FuzzUnpack(f *testing.F) {
	row, _ := appendRow(1, &stream{no: 1, id: "s"}, []journal.Entry{{At: time.UnixMilli(1), Kind: "k", Data: []byte("data")}})
	f.Add(row[3].([]byte)[:10])
	f.Add((&stream{no: 1, id: "s", keys: []string{"k"}}).pack()[:8])
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, data []byte) {
		sealed := seal(data, 1)
		if st, err := unpackStream(1, plainEncoding, sealed); err == nil {
			if again, err := unpackStream(1, plainEncoding, st.pack()); err != nil || !cmp.Equal(st, again, cmp.AllowUnexported(stream{}), cmpopts.EquateEmpty()) {
				t.Errorf("%+v became %+v, %v", st, again, err)
			}
		}
		_ = eachName("c", 1, plainEncoding, sealed, func(digest) {})
		if _, _, err := unpackedEntries(1, 1, seal(data, 1, 1)); err == nil && len(data) == 0 {
			t.Error("nothing is an append")
		}
	})
}

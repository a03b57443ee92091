package journal

import (
	"encoding/binary"
	"time"
	"unsafe"
)

// packEntries appends entries to a stream's packed form: for each its number, time, kind and data, each part after its
// length. seq is the number before the first of them.
func packEntries(packed []byte, seq uint64, entries []Entry) []byte {
	if size := len(packed) + packedSize(entries); size > cap(packed) {
		packed = append(make([]byte, 0, size), packed...)
	}
	for i, e := range entries {
		packed = binary.AppendUvarint(packed, seq+uint64(i)+1)
		packed = binary.AppendVarint(packed, e.At.UnixMilli())
		packed = appendPart(packed, e.Kind)
		packed = appendPart(packed, e.Data)
	}
	return packed
}

// packedSize is how many bytes entries take at most when they are packed.
func packedSize(entries []Entry) (size int) {
	for _, e := range entries {
		size += 24 + len(e.Kind) + len(e.Data)
	}
	return size
}

// unpackEntries reads n packed entries; their kinds and data are parts of packed, which nobody changes.
func unpackEntries(packed []byte, n int) []Entry {
	entries := make([]Entry, n)
	for i := range entries {
		e := &entries[i]
		var used int
		e.Seq, used = binary.Uvarint(packed)
		packed = packed[used:]
		at, used := binary.Varint(packed)
		e.At = time.UnixMilli(at).UTC()
		var kind []byte
		kind, packed = cutPart(packed[used:])
		e.Kind = unsafe.String(unsafe.SliceData(kind), len(kind)) //nolint:gosec // see above
		e.Data, packed = cutPart(packed)
	}
	return entries
}

func packLabels(labels Labels) []byte {
	size := 0
	for _, l := range labels {
		size += 4 + len(l.Name) + len(l.Value)
	}
	packed := make([]byte, 0, size)
	for _, l := range labels {
		packed = appendPart(appendPart(packed, l.Name), l.Value)
	}
	return packed
}

func unpackLabels(packed []byte) Labels {
	var labels Labels
	for len(packed) > 0 {
		var name, value []byte
		name, packed = cutPart(packed)
		value, packed = cutPart(packed)
		labels = append(labels, Label{string(name), string(value)})
	}
	return labels
}

// matches says whether packed labels are as wanted; an absent label counts as empty.
func (q *Query) matches(packed []byte) bool {
	for _, want := range q.Labels {
		if string(labelIn(packed, want.Name)) != want.Value {
			return false
		}
	}
	return q.Having == "" || len(labelIn(packed, q.Having)) > 0
}

func labelIn(packed []byte, wanted string) []byte {
	for len(packed) > 0 {
		var name, value []byte
		name, packed = cutPart(packed)
		value, packed = cutPart(packed)
		if string(name) == wanted {
			return value
		}
	}
	return nil
}

func appendPart[T string | []byte](packed []byte, part T) []byte {
	return append(binary.AppendUvarint(packed, uint64(len(part))), part...)
}

// cutPart returns the part that packed begins with, and what follows; the part can't be appended to by mistake.
func cutPart(packed []byte) (part, rest []byte) {
	length, used := binary.Uvarint(packed)
	end := used + int(length)
	return packed[used:end:end], packed[end:]
}

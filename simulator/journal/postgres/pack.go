package postgres

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"mozartosim/simulator/journal"
)

// errPacked says that bytes in the database are not what we wrote there.
var errPacked = errors.New("packed bytes in the database are damaged")

// packEntries puts entries into one value: for each its time, kind and data, the latter two behind their lengths. Their
// numbers follow from where the value stands.
func packEntries(entries []journal.Entry) []byte {
	size := 0
	for _, e := range entries {
		size += 16 + len(e.Kind) + len(e.Data)
	}
	packed := make([]byte, 0, size)
	for _, e := range entries {
		packed = binary.AppendVarint(packed, e.At.UnixMilli())
		packed = appendPart(appendPart(packed, e.Kind), e.Data)
	}
	return packed
}

// unpackEntries reads n entries, the first of which has the number first, and appends them to entries.
func unpackEntries(entries []journal.Entry, first uint64, n int, packed []byte) ([]journal.Entry, error) {
	for i := range n {
		at, used := binary.Varint(packed)
		if used <= 0 {
			return nil, fmt.Errorf("entry %d: %w", first+uint64(i), errPacked)
		}
		kind, rest, kindThere := cutPart(packed[used:])
		data, rest, dataThere := cutPart(rest)
		if !kindThere || !dataThere {
			return nil, fmt.Errorf("entry %d: %w", first+uint64(i), errPacked)
		}
		packed = rest
		entries = append(entries, journal.Entry{Seq: first + uint64(i), At: time.UnixMilli(at).UTC(), Kind: string(kind), Data: data})
	}
	return entries, nil
}

func packLabels(labels journal.Labels) []byte {
	packed := make([]byte, 0, 32*len(labels))
	for _, l := range labels {
		packed = appendPart(appendPart(packed, l.Name), l.Value)
	}
	return packed
}

func unpackLabels(packed []byte) (labels journal.Labels, err error) {
	for len(packed) > 0 {
		name, rest, nameThere := cutPart(packed)
		value, rest, valueThere := cutPart(rest)
		if !nameThere || !valueThere {
			return nil, fmt.Errorf("labels: %w", errPacked)
		}
		labels, packed = append(labels, journal.Label{Name: string(name), Value: string(value)}), rest
	}
	return labels, nil
}

func appendPart[T string | []byte](packed []byte, part T) []byte {
	return append(binary.AppendUvarint(packed, uint64(len(part))), part...)
}

// cutPart returns the part that packed begins with, and what follows; the part can't be appended to by mistake.
func cutPart(packed []byte) (part, rest []byte, there bool) {
	length, used := binary.Uvarint(packed)
	if used <= 0 || length > uint64(len(packed)-used) {
		return nil, nil, false
	}
	end := used + int(length)
	return packed[used:end:end], packed[end:], true
}

// instant is a time as due work is kept by: to the nanosecond, as far as 1678 and 2262.
func instant(t time.Time) int64 {
	switch {
	case t.Year() < 1678:
		return math.MinInt64
	case t.Year() > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func fromInstant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// plain says whether PostgreSQL can keep all of these as text.
func plain(names ...string) error {
	for _, name := range names {
		if strings.ContainsRune(name, 0) || !utf8.ValidString(name) {
			return fmt.Errorf("%q: %w", name, errText)
		}
	}
	return nil
}

package sqlite

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"mozartosim/simulator/journal"
)

// errDamaged says that a row is not what was written.
var errDamaged = errors.New("a checksum does not hold")

// checksums returns the table of the checksums, CRC-32C, which processors compute by themselves.
func checksums() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// seal puts a checksum behind a row's packed body; the row's own place is in it, so that a row elsewhere is noticed.
func seal(body []byte, place ...int64) []byte {
	return binary.LittleEndian.AppendUint32(body, sum(body, place))
}

func sum(body []byte, place []int64) uint32 {
	var at [8]byte
	crc := crc32.Update(0, checksums(), body)
	for _, n := range place {
		binary.LittleEndian.PutUint64(at[:], uint64(n))
		crc = crc32.Update(crc, checksums(), at[:])
	}
	return crc
}

const sealSize = 4

// unseal returns a sealed row's body.
func unseal(sealed []byte, place ...int64) (reading, error) {
	end := len(sealed) - sealSize
	if end < 0 || binary.LittleEndian.Uint32(sealed[end:]) != sum(sealed[:end], place) {
		return reading{}, errDamaged
	}
	return reading{rest: sealed[:end:end]}, nil
}

func addPart[T string | []byte](packed []byte, part T) []byte {
	return append(binary.AppendUvarint(packed, uint64(len(part))), part...)
}

// reading takes a packed body apart; what doesn't fit makes it damaged.
type reading struct {
	rest    []byte
	damaged bool
}

func (r *reading) number() int64 {
	n, used := binary.Varint(r.rest)
	r.skip(used)
	return n
}

func (r *reading) count() uint64 {
	n, used := binary.Uvarint(r.rest)
	r.skip(used)
	return n
}

func (r *reading) skip(used int) {
	if used <= 0 || used > len(r.rest) {
		r.rest, r.damaged = nil, true
		return
	}
	r.rest = r.rest[used:]
}

// part returns the next part; it can't be appended to by mistake.
func (r *reading) part() []byte {
	length := r.count()
	if length > uint64(len(r.rest)) {
		r.rest, r.damaged = nil, true
		return nil
	}
	part := r.rest[:length:length]
	r.rest = r.rest[length:]
	return part
}

// times reads a count and calls do so often, unless the body ends before.
func (r *reading) times(do func()) {
	for n := r.count(); n > 0 && !r.damaged; n-- {
		do()
	}
}

// ends says whether the body was read as it was written.
func (r *reading) ends() error {
	if r.damaged || len(r.rest) > 0 {
		return errDamaged
	}
	return nil
}

// packEntries packs an append's entries; seq is the number of the first.
func packEntries(entries []journal.Entry) []byte {
	size := 16
	for _, e := range entries {
		size += 24 + len(e.Kind) + len(e.Data)
	}
	packed := binary.AppendUvarint(make([]byte, 0, size), uint64(len(entries)))
	for _, e := range entries {
		packed = binary.AppendVarint(packed, e.At.UnixMilli())
		packed = addPart(packed, e.Kind)
		packed = addPart(packed, e.Data)
	}
	return packed
}

// unpackEntries reads packed entries, numbered from seq on.
func unpackEntries(body reading, seq uint64) ([]journal.Entry, error) {
	var entries []journal.Entry
	body.times(func() {
		e := journal.Entry{Seq: seq + uint64(len(entries)), At: time.UnixMilli(body.number()).UTC()}
		e.Kind, e.Data = string(body.part()), body.part()
		entries = append(entries, e)
	})
	return entries, body.ends()
}

func packLabels(packed []byte, labels journal.Labels) []byte {
	packed = binary.AppendUvarint(packed, uint64(len(labels)))
	for _, l := range labels {
		packed = addPart(addPart(packed, l.Name), l.Value)
	}
	return packed
}

func (r *reading) labels() (labels journal.Labels) {
	r.times(func() { labels = append(labels, journal.Label{Name: string(r.part()), Value: string(r.part())}) })
	return labels
}

// packTime keeps an instant to the nanosecond; zero is kept too.
func packTime(at time.Time) int64 { return at.UnixNano() }

func unpackTime(n int64) time.Time { return time.Unix(0, n).UTC() }

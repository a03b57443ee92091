package sqlite

import (
	"encoding/binary"
	"fmt"
	"slices"

	"mozartosim/simulator/journal"
)

// stream is a stream's row: everything of it but its entries and the data of its work.
type stream struct {
	no     int64
	id     string
	length int
	labels journal.Labels
	keys   []string
	firsts []uint64 // seq of the first entry of each append
	due    []waits
	done   int64 // its place among those that are done, behind the company's number; 0 = it isn't
}

// waits is due work without its data.
type waits struct {
	id string
	place
}

func (st *stream) ordinal() uint64 { return uint64(st.no & (1<<shift - 1)) }

func (st *stream) head(company string) journal.Stream {
	return journal.Stream{Company: company, ID: st.id, Ordinal: st.ordinal(), Length: st.length, Labels: slices.Clip(st.labels)}
}

func (st *stream) pack() []byte {
	packed := addPart(make([]byte, 0, 512), st.id)
	packed = binary.AppendUvarint(packed, uint64(st.length))
	packed = packLabels(packed, st.labels)
	packed = binary.AppendUvarint(packed, uint64(len(st.keys)))
	for _, key := range st.keys {
		packed = addPart(packed, key)
	}
	packed = binary.AppendUvarint(packed, uint64(len(st.firsts)))
	before := uint64(0)
	for _, first := range st.firsts {
		packed = binary.AppendUvarint(packed, first-before)
		before = first
	}
	packed = binary.AppendUvarint(packed, uint64(len(st.due)))
	for _, d := range st.due {
		packed = binary.AppendUvarint(binary.AppendVarint(addPart(packed, d.id), d.at), d.seq)
	}
	return seal(binary.AppendVarint(packed, st.done), st.no)
}

func unpackStream(no int64, sealed []byte) (*stream, error) {
	body, err := unseal(sealed, no)
	if err != nil {
		return nil, fmt.Errorf("stream %d: %w", no, err)
	}
	st := &stream{no: no, id: string(body.part()), length: int(body.count()), labels: body.labels()}
	body.times(func() { st.keys = append(st.keys, string(body.part())) })
	first := uint64(0)
	body.times(func() {
		first += body.count()
		st.firsts = append(st.firsts, first)
	})
	body.times(func() {
		st.due = append(st.due, waits{string(body.part()), place{body.number(), body.count()}})
	})
	st.done = body.number()
	return st, body.ends()
}

// waiting finds work of the stream by its id.
func (st *stream) waiting(id string) int {
	return slices.IndexFunc(st.due, func(d waits) bool { return d.id == id })
}

// generation is how many streams a half of the cache holds.
const generation = 4096

// cache keeps the streams that were used last: two halves, the older of which is dropped when the younger is full.
type cache struct{ young, old half }

type half struct {
	byNo map[int64]*stream
	byID map[streamID]*stream
}

type streamID struct {
	company int64
	id      string
}

func newHalf() half { return half{map[int64]*stream{}, map[streamID]*stream{}} }

func (st *stream) key() streamID { return streamID{st.no >> shift, st.id} }

func (c *cache) clear() { c.young, c.old = newHalf(), newHalf() }

func (c *cache) get(no int64) *stream {
	return c.used(c.young.byNo[no], c.old.byNo[no])
}

func (c *cache) find(company int64, id string) *stream {
	key := streamID{company, id}
	return c.used(c.young.byID[key], c.old.byID[key])
}

// used keeps a stream of the older half from being dropped.
func (c *cache) used(young, old *stream) *stream {
	if young != nil || old == nil {
		return young
	}
	c.put(old)
	return old
}

func (c *cache) put(st *stream) {
	if len(c.young.byNo) >= generation {
		c.old, c.young = c.young, newHalf()
	}
	c.young.byNo[st.no], c.young.byID[st.key()] = st, st
}

func (c *cache) drop(st *stream) {
	for _, h := range []half{c.young, c.old} {
		delete(h.byNo, st.no)
		delete(h.byID, st.key())
	}
}

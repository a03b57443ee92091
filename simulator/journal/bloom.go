package journal

import "hash/maphash"

// bloom is a Bloom filter of a stream's labels: three bits for each label that is not empty, and three for its name. A search passes
// over the streams whose filter lacks its bits, without touching the streams themselves.
type bloom [2]uint64

func (b *bloom) add(hash uint64) {
	for range 3 {
		b[hash>>6&1] |= 1 << (hash & 63)
		hash >>= 7
	}
}

// has says whether all bits of another filter are set.
func (b *bloom) has(other bloom) bool { return b[0]&other[0] == other[0] && b[1]&other[1] == other[1] }

// bloomOf makes the filter of packed labels, and of a name whose label must not be empty, if any.
func bloomOf(seed maphash.Seed, packed []byte, having string) (b bloom) {
	if having != "" {
		b.add(maphash.String(seed, having))
	}
	for len(packed) > 0 {
		name, rest := cutPart(packed)
		value, rest := cutPart(rest)
		if len(value) > 0 {
			b.add(maphash.Bytes(seed, name))
			b.add(maphash.Bytes(seed, packed[:len(packed)-len(rest)]))
		}
		packed = rest
	}
	return b
}

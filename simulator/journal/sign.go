package journal

import "hash/maphash"

// sign has three of its bits set for each label that is not empty, and three for each label's name: who looks for labels passes
// over the streams whose sign lacks their bits, without touching the streams themselves.
type sign [2]uint64

func (s *sign) add(hash uint64) {
	for range 3 {
		s[hash>>6&1] |= 1 << (hash & 63)
		hash >>= 7
	}
}

// has says whether all bits of another sign are set.
func (s *sign) has(other sign) bool { return s[0]&other[0] == other[0] && s[1]&other[1] == other[1] }

// signOf makes the sign of packed labels, and of a name whose label must not be empty, if any.
func signOf(seed maphash.Seed, packed []byte, having string) (s sign) {
	if having != "" {
		s.add(maphash.String(seed, having))
	}
	for len(packed) > 0 {
		name, rest := cutPart(packed)
		value, rest := cutPart(rest)
		if len(value) > 0 {
			s.add(maphash.Bytes(seed, name))
			s.add(maphash.Bytes(seed, packed[:len(packed)-len(rest)]))
		}
		packed = rest
	}
	return s
}

package random

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// Stream is a seeded source of values. It belongs to one goroutine.
type Stream struct {
	text   []byte   // the seed and the names, which seed the source by their hash
	room   [80]byte // for most texts
	pcg    rand.PCG
	source rand.Rand
	drawn  bool // from the source, which the first draw makes: most streams are never drawn from
}

// New makes the stream of a seed and names.
func New(seed uint64, names ...string) *Stream {
	s := &Stream{}
	s.text = binary.BigEndian.AppendUint64(s.room[:0], seed)
	for _, name := range names {
		s.text = append(append(s.text, 0), name...)
	}
	return s
}

// draw returns the source.
func (s *Stream) draw() *rand.Rand {
	if !s.drawn {
		sum := sha256.Sum256(s.text)
		s.pcg.Seed(binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:]))
		s.source, s.drawn = *rand.New(&s.pcg), true
	}
	return &s.source
}

// Uint64 draws 64 bits. With Int63 and Seed it makes the stream a source for gofakeit.
func (s *Stream) Uint64() uint64 { return s.draw().Uint64() }

// Int63 draws 63 bits.
func (s *Stream) Int63() int64 { return int64(s.draw().Uint64() >> 1) }

// Seed does nothing: a stream's seed is fixed when it is made.
func (s *Stream) Seed(int64) {}

// IntN draws from 0 to n-1.
func (s *Stream) IntN(n int) int { return s.draw().IntN(n) }

// Float64 draws from [0, 1).
func (s *Stream) Float64() float64 { return s.draw().Float64() }

// NormFloat64 draws from the standard normal distribution.
func (s *Stream) NormFloat64() float64 { return s.draw().NormFloat64() }

// Hex draws n lower-case hexadecimal digits.
func (s *Stream) Hex(n int) string { return s.Text(n, "0123456789abcdef") }

// Digits draws n decimal digits, the first of them not 0.
func (s *Stream) Digits(n int) string {
	return s.Text(1, "123456789") + s.Text(n-1, "0123456789")
}

// Text draws n letters of an alphabet of at most 64.
func (s *Stream) Text(n int, alphabet string) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[s.draw().IntN(len(alphabet))]
	}
	return string(out)
}

// UUID draws a version 4 UUID.
func (s *Stream) UUID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.draw().Uint64())
	binary.BigEndian.PutUint64(b[8:], s.draw().Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var out [36]byte
	hex.Encode(out[:8], b[:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// ObjectID makes a transaction id as the vendor's are (documented): 24 hexadecimal digits, of which 4 bytes are the
// second, 5 are drawn, and 3 count.
func (s *Stream) ObjectID(at time.Time, count uint64) string {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:4], uint32(at.Unix()))
	binary.BigEndian.PutUint64(b[4:], s.draw().Uint64()) // the last 3 are overwritten
	b[9], b[10], b[11] = byte(count>>16), byte(count>>8), byte(count)
	return hex.EncodeToString(b[:])
}

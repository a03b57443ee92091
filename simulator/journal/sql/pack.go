package sqljournal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// plainEncoding is the only encoding of a row's data yet: packed, with a checksum after it.
const plainEncoding = 1

// errDamaged says that a row is not what was written.
var errDamaged = errors.New("a checksum does not match")

// seal puts a checksum after a row's data. The row's own place is in it, so that data in another row are noticed.
func seal(data []byte, place ...int64) []byte {
	return binary.LittleEndian.AppendUint32(data, checksum(data, place))
}

func checksum(data []byte, place []int64) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli) // which processors compute by themselves
	sum := crc32.Update(plainEncoding, table, data)
	var number [8]byte
	for _, n := range place {
		binary.LittleEndian.PutUint64(number[:], uint64(n))
		sum = crc32.Update(sum, table, number[:])
	}
	return sum
}

const sealSize = 4

// unseal returns a row's data to be unpacked.
func unseal(encoding int64, sealed []byte, place ...int64) (*unpacker, error) {
	end := len(sealed) - sealSize
	switch {
	case encoding != plainEncoding:
		return nil, fmt.Errorf("the encoding %d is unknown: %w", encoding, errDamaged)
	case end < 0 || binary.LittleEndian.Uint32(sealed[end:]) != checksum(sealed[:end], place):
		return nil, errDamaged
	}
	return &unpacker{rest: sealed[:end:end]}, nil
}

// packText puts a text after its length.
func packText[T string | []byte](packed []byte, text T) []byte {
	return append(binary.AppendUvarint(packed, uint64(len(text))), text...)
}

// unpacker takes packed data apart; what does not fit makes it damaged.
type unpacker struct {
	rest    []byte
	damaged bool
}

func (u *unpacker) skip(used int) {
	if used <= 0 || used > len(u.rest) {
		u.rest, u.damaged = nil, true
		return
	}
	u.rest = u.rest[used:]
}

func (u *unpacker) count() uint64 {
	n, used := binary.Uvarint(u.rest)
	u.skip(used)
	return n
}

func (u *unpacker) number() int64 {
	n, used := binary.Varint(u.rest)
	u.skip(used)
	return n
}

// bytes returns the next text; it can't be appended to by mistake.
func (u *unpacker) bytes() []byte {
	length := u.count()
	if length > uint64(len(u.rest)) {
		u.rest, u.damaged = nil, true
		return nil
	}
	text := u.rest[:length:length]
	u.rest = u.rest[length:]
	return text
}

func (u *unpacker) text() string { return string(u.bytes()) }

// times reads a count and calls do so often, unless the data end before.
func (u *unpacker) times(do func()) {
	for n := u.count(); n > 0 && !u.damaged; n-- {
		do()
	}
}

// end says whether the data were read as they were written.
func (u *unpacker) end() error {
	if u.damaged || len(u.rest) > 0 {
		return errDamaged
	}
	return nil
}

// digest is a name of a stream: its id within the company, or a key.
type digest [16]byte

func keyDigest[T string | []byte](key T) digest {
	return digestOf(append(append(make([]byte, 0, 64), 'k'), key...))
}

func streamDigest[T string | []byte](company string, id T) digest {
	name := append(make([]byte, 0, 64), 's')
	return digestOf(append(packText(name, company), id...))
}

func digestOf(name []byte) digest {
	sum := sha256.Sum256(name)
	return digest(sum[:16])
}

// counted says whether as many of something were found as there should be.
func counted(what string, found, want uint64) error {
	if found != want {
		return fmt.Errorf("there are %d %s, not %d: %w", found, what, want, errDamaged)
	}
	return nil
}

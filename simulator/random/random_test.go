package random_test

import (
	"math/rand"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/brianvoe/gofakeit/v6"
	"pgregory.net/rapid"

	"mozartosim/simulator/random"
)

// draws takes one of everything from a stream.
func draws(s *random.Stream) []any {
	return []any{
		s.Uint64(), s.Int63(), s.IntN(1000), s.Float64(), s.NormFloat64(), s.Hex(24), s.Digits(10), s.Text(8, "abc"), s.UUID(),
		s.ObjectID(time.Unix(0, 0), 1), gofakeit.NewCustom(s).Name(),
	}
}

func equal(a, b []any) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestSameSeedAndNamesSameDraws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed, names := rapid.Uint64().Draw(t, "seed"), rapid.SliceOf(rapid.String()).Draw(t, "names")
		if !equal(draws(random.New(seed, names...)), draws(random.New(seed, names...))) {
			t.Fatal("two streams of the same seed and names differ")
		}
	})
}

// The very values: a release that drew others would change every recorded run.
func TestDrawsAreStable(t *testing.T) {
	t.Parallel()
	s := random.New(1, "company", "payment", "1")
	got := []string{s.Hex(24), s.UUID(), s.Digits(8), strconv.Itoa(s.IntN(1_000_000)), s.ObjectID(time.Unix(1_700_000_000, 0), 7)}
	want := []string{"e1ba248e3b29f0e80d4a5501", "25125c36-115b-4458-9b5a-332e0aab23a2", "18566312", "848089", "6553f10065b4c8635f000007"}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("draw %d is %s, want %s", i, got[i], want[i])
		}
	}
}

func TestStreamsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, s := range map[string]*random.Stream{
		"no names":        random.New(1),
		"other seed":      random.New(2),
		"an empty name":   random.New(1, ""),
		"a":               random.New(1, "a"),
		"b":               random.New(1, "b"),
		"a, b":            random.New(1, "a", "b"),
		"b, a":            random.New(1, "b", "a"),
		"ab":              random.New(1, "ab"),
		"payment 1":       random.New(1, "payment", "1"),
		"payment 11":      random.New(1, "payment", "11"),
		"payment 1, 1":    random.New(1, "payment", "1", "1"),
		"seed as a name":  random.New(0, "\x00\x00\x00\x00\x00\x00\x00\x01"),
		"largest of seed": random.New(1<<64 - 1),
	} {
		first := s.Hex(32)
		if other := seen[first]; other != "" {
			t.Errorf("the streams of %s and %s are the same", name, other)
		}
		seen[first] = name
	}
}

// A stream may be drawn from as much as one likes without shifting another.
func TestStreamsAreIndependent(t *testing.T) {
	t.Parallel()
	want := random.New(1, "payment", "2").UUID()
	first, second := random.New(1, "payment", "1"), random.New(1, "payment", "2")
	draws(first)
	if got := second.UUID(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, n := random.New(rapid.Uint64().Draw(t, "seed")), rapid.IntRange(1, 64).Draw(t, "n")
		for form, text := range map[string]string{
			`^[0-9a-f]{` + strconv.Itoa(n) + `}$`:                                   s.Hex(n),
			`^[1-9][0-9]{` + strconv.Itoa(n-1) + `}$`:                               s.Digits(n),
			`^[xyz]{` + strconv.Itoa(n) + `}$`:                                      s.Text(n, "xyz"),
			`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`: s.UUID(), // RFC 9562, version 4
			`^6553f100[0-9a-f]{10}0000ff$`:                                          s.ObjectID(time.Unix(1_700_000_000, 999), 0xff),
			`^00000000[0-9a-f]{10}000001$`:                                          s.ObjectID(time.Unix(0, 0), 1<<24+1), // 3 bytes count
		} {
			if !regexp.MustCompile(form).MatchString(text) {
				t.Fatalf("%q is not of the form %s", text, form)
			}
		}
		if i, f := s.IntN(n), s.Float64(); i < 0 || i >= n || f < 0 || f >= 1 || s.Int63() < 0 {
			t.Fatalf("IntN(%d) is %d, Float64 is %v", n, i, f)
		}
	})
}

// Every letter of an alphabet comes up, and no other.
func TestTextUsesTheWholeAlphabet(t *testing.T) {
	t.Parallel()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	text := random.New(1).Text(4096, alphabet)
	for _, letter := range alphabet {
		if !strings.ContainsRune(text, letter) {
			t.Errorf("%c never came up", letter)
		}
	}
	if strings.Trim(text, alphabet) != "" {
		t.Errorf("letters of no alphabet: %q", strings.Trim(text, alphabet))
	}
	if got := random.New(1).Text(0, alphabet); got != "" {
		t.Errorf("no letters are %q", got)
	}
}

// Ids of payments that begin in the same second are told apart by what is drawn and what is counted.
func TestObjectIDsDiffer(t *testing.T) {
	t.Parallel()
	at, seen := time.Unix(1_700_000_000, 0), map[string]bool{}
	for n := range uint64(10_000) {
		seen[random.New(1, "payment", strconv.FormatUint(n, 10)).ObjectID(at, n)] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d ids for 10,000 payments", len(seen))
	}
}

var _ rand.Source64 = (*random.Stream)(nil) // what gofakeit draws from

func TestSeedDoesNothing(t *testing.T) {
	t.Parallel()
	a, b := random.New(1), random.New(1)
	a.Seed(99)
	if a.Uint64() != b.Uint64() {
		t.Error("a stream's seed must be fixed when it is made")
	}
}

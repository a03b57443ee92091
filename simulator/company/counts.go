package company

import (
	"math/bits"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
)

// Counts counts what this process did for a company since it started, or since the company was reset: in constant time and room,
// however much is kept. The zero value is ready to use.
type Counts struct {
	mu                 sync.Mutex
	payments, attempts series
	byPSP              map[string]*providerCounts
}

// The kinds that a series counts.
const (
	succeeded = iota
	failed
	open
	kinds
)

// maxBars bounds a series.
const maxBars = 40

// seconds are the widths that a series' bars may have; each is a multiple of the one before, so that bars merge.
func seconds() []int64 {
	const day = 24 * 3600
	return []int64{1, 5, 15, 60, 5 * 60, 15 * 60, 3600, 6 * 3600, day, 7 * day, 28 * day, 364 * day}
}

// series counts kinds in equal spans of time from start on. When they become too many, spans are made wider.
type series struct {
	start int64 // Unix time, a multiple of the width
	width int   // index of seconds
	bars  [][kinds]uint32
}

// bar returns the bar of a time, which is added when it is later than all; nil when the time is earlier than all.
func (s *series) bar(at int64) *[kinds]uint32 {
	widths := seconds()
	if s.bars == nil {
		s.start = at
	}
	if at < s.start {
		return nil
	}
	for s.width < len(widths)-1 && (at-s.start)/widths[s.width] >= maxBars {
		s.widen(widths[s.width], widths[s.width+1])
	}
	i := min(int((at-s.start)/widths[s.width]), maxBars-1)
	for len(s.bars) <= i {
		s.bars = append(s.bars, [kinds]uint32{})
	}
	return &s.bars[i]
}

// widen merges bars of a width into those of the next one.
func (s *series) widen(from, to int64) {
	start := s.start - s.start%to
	var wide [][kinds]uint32
	for i, bar := range s.bars {
		at := int((s.start + int64(i)*from - start) / to)
		for len(wide) <= at {
			wide = append(wide, [kinds]uint32{})
		}
		for kind, n := range bar {
			wide[at][kind] += n
		}
	}
	s.start, s.bars = start, wide
	s.width++
}

// until returns the series up to now.
func (s *series) until(now time.Time) (out adminapi.CountSeries) {
	if s.bars != nil {
		s.bar(now.Unix())
	}
	out.Start, out.Seconds = time.Unix(s.start, 0).UTC(), seconds()[s.width]
	if s.bars == nil {
		out.Start = now.UTC().Truncate(time.Second)
	}
	out.Succeeded, out.Failed, out.Open = make([]int, len(s.bars)), make([]int, len(s.bars)), make([]int, len(s.bars))
	for i, bar := range s.bars {
		out.Succeeded[i], out.Failed[i], out.Open[i] = int(bar[succeeded]), int(bar[failed]), int(bar[open])
	}
	return out
}

// providerCounts are a provider's; took counts calls by how long their answers took, four sizes for each doubling.
type providerCounts struct {
	made, succeeded, failed, calls, refused uint32
	slowest                                 time.Duration
	took                                    [108]uint32
}

// of returns a provider's counts, an own one for each that is known. The caller holds the lock.
func (c *Counts) of(psp string) *providerCounts {
	p := c.byPSP[psp]
	if p == nil {
		if p = new(providerCounts); c.byPSP == nil {
			c.byPSP = map[string]*providerCounts{}
		}
		c.byPSP[psp] = p
	}
	return p
}

// jitter is how many seconds earlier than the first of a series something may be that happened at the same time.
const jitter = 60

// at returns when something is counted in a series. Where the clock was set back, counting begins again. The caller holds the lock.
func (c *Counts) at(s *series, t time.Time) int64 {
	at := t.Unix()
	if s.bars != nil && at < s.start-jitter {
		c.payments, c.attempts, c.byPSP = series{}, series{}, nil
	}
	if s.bars == nil {
		return at
	}
	return max(at, s.start)
}

// Payment counts a payment by how it ended at first, where it was made: before is its status so far, "" when it is new. One that
// was made before the counting began is not counted when it ends.
func (c *Counts) Payment(p *payment.Payment, before payment.Status) {
	isNew := before == ""
	if !isNew && (!before.Open() || p.Status.Open()) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isNew && (c.payments.bars == nil || p.Created.Unix() < c.payments.start-jitter) {
		return
	}
	bar := c.payments.bar(c.at(&c.payments, p.Created))
	if bar == nil || !isNew && bar[open] == 0 {
		return
	}
	of := c.of(p.PSP)
	if isNew {
		of.made++
		bar[open]++
	}
	switch {
	case p.Status.Open():
		return
	case p.Status.Normalised() == "Approved":
		of.succeeded++
		bar[succeeded]++
	default:
		of.failed++
		bar[failed]++
	}
	bar[open]--
}

// Attempt counts an attempt to deliver a webhook.
func (c *Counts) Attempt(at time.Time, delivered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kind := failed
	if delivered {
		kind = succeeded
	}
	c.attempts.bar(c.at(&c.attempts, at))[kind]++
}

// Call counts a call that named a provider the contract knows, and how long its answer took.
func (c *Counts) Call(psp string, took time.Duration, refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.of(psp)
	of.calls++
	if refused {
		of.refused++
	}
	of.slowest = max(of.slowest, took)
	of.took[sizeOf(took)]++
}

// sizeOf is the index of a duration in took; fromSize is about the middle of those of an index.
func sizeOf(took time.Duration) int {
	us := max(uint64(took.Microseconds()), 4) //nolint:gosec // a duration
	log := bits.Len64(us) - 1
	return min(log*4+int(us>>(log-2)&3), len(providerCounts{}.took)-1) //nolint:gosec // two bits
}

func fromSize(i int) time.Duration {
	return time.Duration(9+2*(i%4)) * time.Microsecond << (i / 4) / 8
}

// median is about how long the middle one of the calls took.
func (p *providerCounts) median() time.Duration {
	half := (p.calls + 1) / 2
	for i, n := range p.took {
		if n >= half {
			return min(fromSize(i), p.slowest)
		}
		half -= n
	}
	return 0
}

// Until returns what was counted up to now, the providers in the order of their codes.
func (c *Counts) Until(now time.Time) adminapi.Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := adminapi.Counts{Payments: c.payments.until(now), Attempts: c.attempts.until(now), Providers: []adminapi.ProviderCounts{}}
	for psp, p := range c.byPSP {
		out.Providers = append(out.Providers, adminapi.ProviderCounts{
			PSP: psp, Made: int(p.made), Succeeded: int(p.succeeded), Failed: int(p.failed), Calls: int(p.calls), Refused: int(p.refused),
			MedianMS: float64(p.median().Microseconds()) / 1000, SlowestMS: float64(p.slowest.Microseconds()) / 1000,
		})
	}
	slices.SortFunc(out.Providers, func(a, b adminapi.ProviderCounts) int { return strings.Compare(a.PSP, b.PSP) })
	return out
}

// Reset forgets what was counted.
func (c *Counts) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.payments, c.attempts, c.byPSP = series{}, series{}, nil
}

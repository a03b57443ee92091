package simulator

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/identity"
)

// sink is a ResponseWriter that keeps nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// BenchmarkCashier is the whole public path but for the network: router, JSON, tokens, contract, rules, provider, journal.
func BenchmarkCashier(b *testing.B) {
	config := Default()
	config.PublicAddr, config.AdminAddr = "127.0.0.1:0", ""
	s, err := New(config)
	if err != nil {
		b.Fatal(err)
	}
	defer s.public.Close()
	public, err := s.Public()
	if err != nil {
		b.Fatal(err)
	}
	company, _ := s.Company("")
	token, _ := identity.CompanyToken(company.Credentials.APIKey, company.Credentials.SecretKey, time.Now(), time.Time{}, time.Time{})
	claims, _ := company.Claims("")
	user, _ := identity.UserToken(claims, "unchecked")
	for _, op := range s.contract.Operations() {
		text, _ := s.contract.Example(op.Schema)
		var body bytes.Buffer
		body.Write(text)
		b.Run(op.Schema, func(b *testing.B) {
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				r, _ := http.NewRequest(http.MethodPost, openapi.CashierPath, io.NopCloser(bytes.NewReader(text)))
				r.ContentLength = int64(len(text))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+token)
				r.Header.Set("X-User-Token", "Bearer "+user)
				w := &sink{header: http.Header{}}
				public.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatal(w.status)
				}
			}
			b.ReportMetric(float64((processorTime(b)-began).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

// BenchmarkRequestLog is what the log of calls costs: the same calls in turns with and without it, with the headers that clients
// send.
func BenchmarkRequestLog(b *testing.B) {
	for name, store := range map[string]struct {
		open  func(*Config)
		pairs int
	}{
		"memory": {func(*Config) {}, 101},
		"sqlite": {func(c *Config) { c.Data = filepath.Join(b.TempDir(), "data") }, 21},
	} {
		b.Run(name, func(b *testing.B) {
			logging := func(most int) func(*Config) {
				return func(c *Config) { store.open(c); c.MaxRequests = min(c.MaxRequests, most) }
			}
			inTurns(b, store.pairs, logging(0), logging(math.MaxInt))
		})
	}
}

// inTurns measures the same calls in turns without and with something. It counts the process's processor time, so that other programs
// matter little and what is written in the background counts, and allocations; the metrics are the middle ones of many pairs of rounds.
func inTurns(b *testing.B, pairs int, without, with func(*Config)) {
	b.Helper()
	const calls = 256
	round := func(config func(*Config)) func() (µs, allocated float64) {
		s, _, pay := bench(b, config)
		one := func() (µs, allocated float64) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := processorTime(b)
			pay(calls)
			if err := s.requests.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			µs = float64((processorTime(b) - began).Nanoseconds()) / 1000 / calls
			runtime.ReadMemStats(&after)
			return µs, float64(after.Mallocs-before.Mallocs) / calls
		}
		for range 8 { // warm
			one()
		}
		return one
	}
	bare, full := round(without), round(with)
	middle := func(of []float64) float64 { slices.Sort(of); return of[len(of)/2] }
	for b.Loop() {
		var times, allocations [2][]float64
		var ratio []float64
		for i := range pairs {
			for of, one := range []func() (µs, allocated float64){bare, full} {
				µs, allocated := one()
				times[of], allocations[of] = append(times[of], µs), append(allocations[of], allocated)
			}
			ratio = append(ratio, times[1][i]/times[0][i])
		}
		b.ReportMetric(100*(middle(ratio)-1), "%-more")
		for of, name := range []string{"without", "with"} {
			b.ReportMetric(middle(times[of]), "µs/call-"+name)
			b.ReportMetric(middle(allocations[of]), "allocs/call-"+name)
		}
	}
}

// processorTime is what this process has used, on all processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

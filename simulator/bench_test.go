package simulator

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"slices"
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
	user, _ := identity.UserToken(company.Users[0], "unchecked")
	for _, op := range s.contract.Operations() {
		text, _ := s.contract.Example(op.Schema)
		var body bytes.Buffer
		body.Write(text)
		b.Run(op.Schema, func(b *testing.B) {
			b.ReportAllocs()
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
		})
	}
}

// BenchmarkRequestLog is what the log of calls costs the answer path: the same call in turns with and without it, what is written
// in the background included. The metrics are those of the faster half of many rounds, since other programs slow single ones down.
func BenchmarkRequestLog(b *testing.B) {
	const calls, rounds = 500, 41
	pay := map[bool]func(int){}
	for _, kept := range []bool{false, true} {
		_, _, one := bench(b, func(c *Config) {
			if !kept {
				c.MaxRequests = 0
			}
		})
		one(2000) // warm
		pay[kept] = one
	}
	for b.Loop() {
		took := map[bool][]time.Duration{}
		for i := range 2 * rounds {
			kept := i%2 == 1
			runtime.GC()
			began := time.Now()
			pay[kept](calls)
			took[kept] = append(took[kept], time.Since(began))
		}
		median := func(kept bool) float64 {
			slices.Sort(took[kept])
			return float64(took[kept][rounds/4].Microseconds()) / calls
		}
		b.ReportMetric(median(false), "µs/call-without")
		b.ReportMetric(median(true), "µs/call-with")
		b.ReportMetric(100*(median(true)/median(false)-1), "%-more")
	}
}

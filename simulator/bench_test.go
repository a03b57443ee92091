package simulator

import (
	"bytes"
	"io"
	"net/http"
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

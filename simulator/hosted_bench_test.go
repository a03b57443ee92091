package simulator

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
)

// BenchmarkPage is a hosted page beside the cashier call that made its payment: a page must take no more than twice as long.
func BenchmarkPage(b *testing.B) {
	config := Default()
	config.PublicAddr, config.AdminAddr, config.Shopper = "127.0.0.1:0", "", ManualShopper
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
	for _, schema := range []string{"ForumpayPayInRequest", "PayonePayInRequest", "WorldpayPayInRequest", "TrustPayInRequest"} {
		text, ok := s.contract.Example(schema)
		if !ok {
			b.Fatal(schema)
		}
		cashier := func() {
			r, _ := http.NewRequest(http.MethodPost, openapi.CashierPath, io.NopCloser(bytes.NewReader(text)))
			r.ContentLength = int64(len(text))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("X-User-Token", "Bearer "+user)
			served(b, public, r)
		}
		cashier()
		list, err := s.journal.List(b.Context(), company.ID, journal.Query{Limit: 1})
		if err != nil {
			b.Fatal(err)
		}
		p, _, err := s.payments.Read(b.Context(), company.ID, list[0].ID)
		if err != nil {
			b.Fatal(err)
		}
		path := "/pay/" + s.providers[p.PSP].Slug + "/" + p.Session
		b.Run(schema+"/cashier", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cashier()
			}
		})
		b.Run(schema+"/page", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, _ := http.NewRequest(http.MethodGet, path, nil)
				served(b, public, r)
			}
		})
	}
}

func served(b *testing.B, public http.Handler, r *http.Request) {
	w := &sink{header: http.Header{}}
	public.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		b.Fatal(w.status)
	}
}

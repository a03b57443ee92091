package simulator

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/scheduler"
)

// payer returns a simulator on a manual clock, and a function that makes a Payone pay-in through the public handler.
func payer(t *testing.T) (s *Simulator, company string, pay func()) {
	t.Helper()
	config := Default()
	config.PublicAddr, config.AdminAddr, config.Clock, config.ClockStart, config.MaxRequests = "127.0.0.1:0", "", clock.Manual, start, 1000
	s, err := New(config)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	public, err := s.Public()
	must(t, err)
	found, _ := s.Company("")
	token, err := identity.CompanyToken(found.Credentials.APIKey, found.Credentials.SecretKey, start, time.Time{}, time.Time{})
	must(t, err)
	claims, err := found.Claims("")
	must(t, err)
	user, err := identity.UserToken(claims, "unchecked")
	must(t, err)
	text, _ := s.contract.Example("PayonePayInRequest")
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}, "X-User-Token": {"Bearer " + user}}
	return s, found.ID, func() {
		r, _ := http.NewRequest(http.MethodPost, openapi.CashierPath, io.NopCloser(bytes.NewReader(text)))
		r.ContentLength, r.Header = int64(len(text)), header
		w := &sink{header: http.Header{}}
		if public.ServeHTTP(w, r); w.status != http.StatusOK {
			t.Fatal(w.status)
		}
	}
}

// A call through the whole public path allocates no more than it did, the request itself and the log of calls included: 88 times, and
// some more under the race detector.
func TestAllocationsOfACall(t *testing.T) { // not parallel: it counts those of the whole process
	s, _, pay := payer(t)
	const most = 99
	if got := testing.AllocsPerRun(2000, pay); got > most {
		t.Errorf("a call allocates %.0f times, more than %d", got, most)
	}
	must(t, s.requests.Flush(t.Context()))
}

// A payment takes no more memory than it did, beside what maps and lists grow by: decided, with its webhook scheduled, 579 bytes,
// and with its webhook delivered 927. The attempt allocates 52 times, and some more under the race detector.
func TestBytesOfAKeptPayment(t *testing.T) { // not parallel: it measures the heap
	s, company, pay := payer(t)
	held := func() (bytes int, allocations uint64) {
		must(t, s.requests.Flush(t.Context()))
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc), stats.Mallocs
	}
	advance := func(a scheduler.Advance) {
		_, err := s.scheduler.Advance(t.Context(), company, a)
		must(t, err)
	}
	const payments, mostDecided, mostKept, mostAllocations = 1500, 620, 940, 59
	batch := func() {
		for range payments {
			pay()
		}
		advance(scheduler.Advance{Deliveries: 1})
	}
	batch() // those that are not compressed yet, and the log of calls, are as many as they will be
	advance(scheduler.Advance{By: 24 * time.Hour})
	before, _ := held()
	batch()
	decided, began := held()
	advance(scheduler.Advance{By: 24 * time.Hour})
	kept, ended := held()
	if got := (decided - before) / payments; got > mostDecided {
		t.Errorf("a payment whose webhook is scheduled takes %d bytes, more than %d", got, mostDecided)
	}
	if got := (kept - before) / payments; got > mostKept {
		t.Errorf("a payment takes %d bytes, more than %d", got, mostKept)
	}
	if got := (ended - began) / payments; got > mostAllocations {
		t.Errorf("an attempt allocates %d times, more than %d", got, mostAllocations)
	}
}

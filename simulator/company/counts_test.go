package company_test

import (
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/company"
	"mozartosim/simulator/payment"
)

var noon = time.Date(2026, 1, 1, 12, 0, 30, 0, time.UTC)

func total(of []int) (n int) {
	for _, one := range of {
		n += one
	}
	return n
}

// However much time passes, at most 40 bars of one width hold every count, the first and the last in their places.
func TestCountsOverTime(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]int64{0: 1, 30 * time.Second: 1, 3 * time.Minute: 5, 40 * time.Hour: 6 * 3600, 9 * 365 * 24 * time.Hour: 364 * 24 * 3600} {
		var c company.Counts
		c.Attempt(noon.Add(-age), true)
		c.Attempt(noon.Add(-age/2), true)
		c.Attempt(noon, false)
		s := c.Until(noon).Attempts
		if s.Seconds != want || len(s.Failed) > 40 || total(s.Succeeded) != 2 || total(s.Failed) != 1 || s.Succeeded[0] == 0 || s.Failed[len(s.Failed)-1] != 1 {
			t.Errorf("%s: %+v", age, s)
		}
		if at := s.Start.Add(time.Duration(len(s.Failed)) * time.Duration(s.Seconds) * time.Second); s.Start.After(noon.Add(-age)) || at.Before(noon) {
			t.Errorf("%s: the bars are from %s until %s", age, s.Start, at)
		}
	}
}

// A payment counts where it was made, by how it ended at first; one that was made before the counting began does not.
func TestCountsOfPayments(t *testing.T) {
	t.Parallel()
	var c company.Counts
	made := func(status payment.Status, at time.Time) *payment.Payment {
		return &payment.Payment{Terms: payment.Terms{PSP: "PAYONE"}, Status: status, Created: at}
	}
	c.Payment(made(payment.Approved, noon), payment.Pending) // made before
	c.Payment(made(payment.Pending, noon), "")
	c.Payment(made(payment.Pending, noon.Add(2*time.Second)), "")
	c.Payment(made(payment.Declined, noon.Add(2*time.Second)), "")
	c.Payment(made(payment.Pending, noon.Add(2*time.Second)), payment.Created)
	c.Payment(made(payment.Approved, noon), payment.Pending)
	c.Payment(made(payment.Refunded, noon), payment.Approved)
	for i := range 100 {
		c.Call("PAYONE", time.Duration(i+1)*time.Millisecond, i < 3)
	}
	got := c.Until(noon.Add(5 * time.Second))
	if s := got.Payments; len(s.Open) != 6 || s.Succeeded[0] != 1 || s.Open[0] != 0 || s.Failed[2] != 1 || s.Open[2] != 1 {
		t.Errorf("over time: %+v", s)
	}
	of := got.Providers[0]
	if median := of.MedianMS; median < 50*7/8. || median > 50*9/8. {
		t.Errorf("the median of 1 to 100 ms is %v", median)
	}
	of.MedianMS = 0
	if want := (adminapi.ProviderCounts{PSP: "PAYONE", Made: 3, Succeeded: 1, Failed: 1, Calls: 100, Refused: 3, SlowestMS: 100}); of != want {
		t.Errorf("by provider: %+v, want %+v", of, want)
	}
	c.Reset()
	if got := c.Until(noon); len(got.Providers)+len(got.Payments.Open) != 0 {
		t.Errorf("after a reset: %+v", got)
	}
}

// The end of a payment that was made before moves no start, what comes a little late counts with the first, and where the clock was
// set back counting begins again, of everything.
func TestCountsThatComeLate(t *testing.T) {
	t.Parallel()
	var c company.Counts
	made := func(status payment.Status, at time.Time) *payment.Payment {
		return &payment.Payment{Terms: payment.Terms{PSP: "PAYONE"}, Status: status, Created: at}
	}
	c.Payment(made(payment.Approved, noon.Add(-7*24*time.Hour)), payment.Pending)
	c.Payment(made(payment.Pending, noon), "")
	c.Payment(made(payment.Pending, noon.Add(-time.Second)), "")
	c.Payment(made(payment.Approved, noon.Add(-time.Second)), payment.Pending)
	if s := c.Until(noon).Payments; s.Seconds != 1 || len(s.Open) != 1 || s.Open[0] != 1 || s.Succeeded[0] != 1 {
		t.Errorf("%+v", s)
	}
	c.Payment(made(payment.Pending, noon.Add(-time.Hour)), "")
	got := c.Until(noon.Add(-time.Hour))
	if s := got.Payments; total(s.Open) != 1 || total(s.Succeeded) != 0 || got.Providers[0].Made != 1 {
		t.Errorf("set back: %+v", got)
	}
}

// Counting allocates nothing once a provider is known.
func BenchmarkCounts(b *testing.B) {
	var c company.Counts
	p := &payment.Payment{Terms: payment.Terms{PSP: "PAYONE"}, Status: payment.Approved, Created: noon}
	b.ReportAllocs()
	for b.Loop() {
		c.Payment(p, "")
		c.Attempt(noon, true)
		c.Call("PAYONE", time.Millisecond, false)
	}
}

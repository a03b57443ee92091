package clock_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"mozartosim/simulator/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func TestManualStandsStill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewManual(noon.Add(123456 * time.Nanosecond).In(time.FixedZone("x", 3600)))
		time.Sleep(time.Hour) // of the bubble
		if got := c.Now(); !got.Equal(noon) || got.Location() != time.UTC {
			t.Errorf("now is %s, want %s: UTC, cut to milliseconds, not moved", got, noon)
		}
		if mode, factor := c.Mode(); mode != clock.Manual || factor != 0 {
			t.Errorf("mode %s, factor %v", mode, factor)
		}
	})
}

func TestRealAndScaledRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		mode   clock.Mode
		factor float64
		want   time.Duration // of the clock in an hour of the machine
	}{
		{"real", clock.Real, 99, time.Hour}, // a factor means nothing to it
		{"fast", clock.Scaled, 24, 24 * time.Hour},
		{"slow", clock.Scaled, 0.5, 30 * time.Minute},
		{"slowest", clock.Scaled, 0.001, 3600 * time.Millisecond},
		{"fastest", clock.Scaled, 1_000_000, 1_000_000 * time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := clock.New()
				if err := c.Set(test.mode, test.factor); err != nil {
					t.Fatal(err)
				}
				start := c.Now()
				time.Sleep(time.Hour)
				if got := c.Now().Sub(start); got != test.want {
					t.Errorf("%s passed, want %s", got, test.want)
				}
			})
		})
	}
}

// A clock that is set goes on from where it is, whatever it was.
func TestSetKeepsTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewManual(noon)
		for _, step := range []struct {
			mode   clock.Mode
			factor float64
			want   time.Duration // since noon, a minute of the machine later
		}{
			{clock.Real, 0, time.Minute},
			{clock.Scaled, 10, 11 * time.Minute},
			{clock.Manual, 0, 11 * time.Minute},
			{clock.Scaled, 0.5, 11*time.Minute + 30*time.Second},
			{clock.Real, 0, 12*time.Minute + 30*time.Second},
		} {
			if err := c.Set(step.mode, step.factor); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			if got := c.Now().Sub(noon); got != step.want {
				t.Errorf("%s %v: %s, want %s", step.mode, step.factor, got, step.want)
			}
		}
	})
}

func TestMoveTo(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(noon)
	for _, to := range []time.Time{noon, noon.Add(time.Millisecond), noon.Add(30 * 24 * time.Hour)} {
		if err := c.MoveTo(to); err != nil || !c.Now().Equal(to) {
			t.Errorf("now is %s, want %s; %v", c.Now(), to, err)
		}
	}
	now := c.Now()
	err := c.MoveTo(noon)
	if want := "the clock stands at 2026-07-01T12:00:00Z and can't go back to 2026-06-01T12:00:00Z"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !c.Now().Equal(now) {
		t.Error("a refused move must change nothing")
	}
	real := clock.New()
	err = real.MoveTo(noon.AddDate(100, 0, 0))
	if want := "the clock is real: only a manual clock can be moved"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode   clock.Mode
		factor float64
		want   string
	}{
		{"fast", 1, `clock mode "fast" must be one of: real, scaled, manual`},
		{"", 1, `clock mode "" must be one of: real, scaled, manual`},
		{clock.Scaled, 0, "clock factor 0 must be between 0.001 and 1000000"},
		{clock.Scaled, -1, "clock factor -1 must be between 0.001 and 1000000"},
		{clock.Scaled, 1_000_001, "clock factor 1.000001e+06 must be between 0.001 and 1000000"},
		{clock.Scaled, math.Inf(1), "clock factor +Inf must be between 0.001 and 1000000"},
		{clock.Scaled, math.NaN(), "clock factor NaN must be between 0.001 and 1000000"},
	}
	for _, test := range tests {
		c := clock.NewManual(noon)
		if err := c.Set(test.mode, test.factor); err == nil || err.Error() != test.want {
			t.Errorf("%q, %v: got %v, want %s", test.mode, test.factor, err, test.want)
		}
		if mode, _ := c.Mode(); mode != clock.Manual || !c.Now().Equal(noon) {
			t.Errorf("%q, %v: a refused setting must change nothing", test.mode, test.factor)
		}
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		mode    clock.Mode
		factor  float64
		d       time.Duration
		virtual bool
		held    time.Duration // by the machine's clock
	}{
		{"manual holds nobody", clock.Manual, 0, time.Hour, true, 0},
		{"real", clock.Real, 0, time.Hour, false, time.Hour},
		{"fast", clock.Scaled, 60, time.Hour, false, time.Minute},
		{"slow", clock.Scaled, 0.5, time.Minute, false, 2 * time.Minute},
		{"nothing to wait for", clock.Real, 0, 0, false, 0},
		{"less than nothing", clock.Manual, 0, -time.Second, false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := clock.NewManual(noon)
				if err := c.Set(test.mode, test.factor); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				virtual, err := c.Hold(t.Context(), test.d)
				if held := time.Since(start); err != nil || virtual != test.virtual || held != test.held {
					t.Errorf("virtual %t, held %s, %v; want %t, %s", virtual, held, err, test.virtual, test.held)
				}
			})
		})
	}
}

// Whoever is held feels at once that the clock has been set.
func TestHoldWakesOnSet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		mode    clock.Mode
		factor  float64
		virtual bool
		held    time.Duration // after ten minutes of a real clock, of an hour in all
	}{
		{"to manual", clock.Manual, 0, true, 10 * time.Minute},
		{"to fast", clock.Scaled, 50, false, 11 * time.Minute},
		{"to slow", clock.Scaled, 0.5, false, 110 * time.Minute},
		{"to the same", clock.Real, 0, false, time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, start := clock.New(), time.Now()
				type result struct {
					virtual bool
					held    time.Duration
					err     error
				}
				done := make(chan result)
				go func() {
					virtual, err := c.Hold(t.Context(), time.Hour)
					done <- result{virtual, time.Since(start), err}
				}()
				time.Sleep(10 * time.Minute)
				if err := c.Set(test.mode, test.factor); err != nil {
					t.Fatal(err)
				}
				if got, want := <-done, (result{virtual: test.virtual, held: test.held}); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		})
	}
}

func TestHoldEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := clock.New().Hold(ctx, time.Hour)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		// A call whose client has left is not answered, whatever the clock.
		for _, c := range []*clock.Clock{clock.New(), clock.NewManual(noon)} {
			for _, d := range []time.Duration{0, time.Hour} {
				if _, err := c.Hold(ctx, d); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("held for %s: %v", d, err)
				}
			}
		}
	})
}

// Whatever happens to a clock, its time never runs backwards.
func TestTimeNeverRunsBackwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		draw := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			c := clock.NewManual(noon)
			last := c.Now()
			for range 50 {
				switch draw.IntN(3) {
				case 0:
					time.Sleep(time.Duration(draw.Int64N(int64(10 * time.Hour))))
				case 1:
					mode := []clock.Mode{clock.Real, clock.Scaled, clock.Manual}[draw.IntN(3)]
					if err := c.Set(mode, 0.001+999_999*draw.Float64()); err != nil {
						t.Fatal(err)
					}
				case 2:
					_ = c.MoveTo(last.Add(time.Duration(draw.Int64N(2e15) - 1e15))) // refused when it leads back
				}
				now := c.Now()
				if now.Before(last) {
					t.Fatalf("from %s back to %s", last, now)
				}
				last = now
			}
		}
	})
}

func TestParseMode(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"real", "scaled", "manual"} {
		if mode, err := clock.ParseMode(name); err != nil || string(mode) != name {
			t.Errorf("%s: %s, %v", name, mode, err)
		}
	}
	if _, err := clock.ParseMode("Real"); err == nil {
		t.Error("Real with a capital letter is no mode")
	}
}

func TestWallIsTheMachinesTime(t *testing.T) {
	t.Parallel()
	before := time.Now()
	if got := clock.Wall(); got.Before(before) || got.After(time.Now()) {
		t.Errorf("%s is not now", got)
	}
}

// A restored clock may stand earlier than it did, and goes on from there.
func TestRestore(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	c := clock.NewManual(start)
	if err := c.MoveTo(start.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := c.Restore(clock.Scaled, 0, start); err == nil || c.Now().Equal(start) {
		t.Errorf("a factor that does not hold: %v, %s", err, c.Now())
	}
	if err := c.Restore(clock.Manual, 0, start); err != nil || !c.Now().Equal(start) {
		t.Errorf("%v, %s", err, c.Now())
	}
	if err := c.Restore(clock.Real, 1, start); err != nil || c.Now().Before(start) || c.Now().After(start.Add(time.Hour)) {
		t.Errorf("%v, %s", err, c.Now())
	}
}

// Who waits for a while waits for just that while, though the clock is restored to an earlier or a later time meanwhile.
func TestHoldOverARestore(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{-30 * 24 * time.Hour, 30 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			c := clock.New()
			began, held := time.Now(), make(chan time.Duration)
			go func() {
				_, _ = c.Hold(t.Context(), time.Minute)
				held <- time.Since(began)
			}()
			time.Sleep(20 * time.Second) // of the bubble
			if err := c.Restore(clock.Real, 1, c.Now().Add(by)); err != nil {
				t.Fatal(err)
			}
			if got := <-held; got.Round(time.Millisecond) != time.Minute {
				t.Errorf("restored by %s, it was held for %s", by, got)
			}
		})
	}
}

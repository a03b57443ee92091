package scenario

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mozartosim/simulator/random"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "800ms": 800 * time.Millisecond, "5s": 5 * time.Second, "10m": 10 * time.Minute, "2h": 2 * time.Hour,
		"30d": 720 * time.Hour, "1h30m": 90 * time.Minute, "1.5s": 1500 * time.Millisecond, "0.001s": time.Millisecond,
		"1d12h5ms": 36*time.Hour + 5*time.Millisecond, "365d": maxDuration, "8760h": maxDuration, "0.5d": 12 * time.Hour, "30m1h": 90 * time.Minute,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "5", "s", "5 s", "-5s", "+5s", "5S", "5us", "1.5ms", "1.2345s", ".5s", "5.s", "365d1ms", "366d", "999999999d", "5s ", "5sx",
		"999999999d999999999d", "0000000001s",
	} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Range(0, int64(maxDuration/time.Millisecond)).Draw(t, "ms")) * time.Millisecond
		if got, err := ParseDuration(FormatDuration(want)); err != nil || got != want {
			t.Fatalf("%v is written %s and read %v, %v", want, FormatDuration(want), got, err)
		}
	})
}

// Draws stay within their bounds, to the millisecond, and half of the log-normal ones are below the median.
func TestDraw(t *testing.T) {
	t.Parallel()
	r := random.New(1, "draw")
	uniform := Duration{Low: 100 * time.Millisecond, High: 200 * time.Millisecond}
	lognormal := Duration{Median: 300 * time.Millisecond, P99: 3 * time.Second}
	const n = 10_000
	below, above := 0, 0
	for range n {
		if d := uniform.Draw(r); d < uniform.Low || d >= uniform.High || d%time.Millisecond != 0 {
			t.Fatal(d)
		}
		d := lognormal.Draw(r)
		if d < 0 || d > maxDuration || d%time.Millisecond != 0 {
			t.Fatal(d)
		}
		if d < lognormal.Median {
			below++
		}
		if d > lognormal.P99 {
			above++
		}
	}
	if below < n*48/100 || below > n*52/100 || above < n/200 || above > n/50 {
		t.Errorf("of %d draws %d are below the median and %d above p99", n, below, above)
	}
	if (Duration{Fixed: time.Second}).Draw(nil) != time.Second || !(Duration{}).Zero() || uniform.Zero() {
		t.Error("fixed and zero")
	}
}

// A plan is kept with its payment: it must come back as it was.
func TestPlanRoundTrip(t *testing.T) {
	t.Parallel()
	for _, s := range load(t, fullFile) {
		want := s.Plan(random.New(1, "plan"))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Plan
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.Name, diff)
		}
	}
}

// Two draws from the same stream make the same plan.
func TestPlanIsSeeded(t *testing.T) {
	t.Parallel()
	for _, s := range load(t, fullFile) {
		if diff := cmp.Diff(s.Plan(random.New(7, "a")), s.Plan(random.New(7, "a"))); diff != "" {
			t.Error(diff)
		}
	}
	s := load(t, fullFile)[1]
	if plan := s.Plan(random.New(1)); !plan.HasThen || plan.Then != nil || plan.Answer.Rate != DefaultRate {
		t.Errorf("plan %+v", plan)
	}
}

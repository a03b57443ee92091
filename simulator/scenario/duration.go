package scenario

import (
	"encoding/json"
	"math"
	"time"

	"mozartosim/simulator/random"
)

// Duration is a span of time that is drawn when it is needed: fixed, uniform, or log-normal. The zero value is 0.
type Duration struct {
	Fixed       time.Duration
	Low, High   time.Duration // uniform when High > 0
	Median, P99 time.Duration // log-normal when P99 > 0
}

// maxDraw bounds what a log-normal draw can give.
const maxDraw = 365 * 24 * time.Hour

// Draw returns the span, to the millisecond. A fixed one draws nothing from the stream.
func (d Duration) Draw(r *random.Stream) time.Duration {
	switch {
	case d.P99 > 0:
		sigma := math.Log(float64(d.P99)/float64(d.Median)) / 2.3263478740408408 // the normal distribution's 99th percentile
		drawn := float64(d.Median) * math.Exp(sigma*r.NormFloat64())
		return time.Duration(math.Min(drawn, float64(maxDraw))).Truncate(time.Millisecond)
	case d.High > 0:
		return (d.Low + time.Duration(r.Float64()*float64(d.High-d.Low))).Truncate(time.Millisecond)
	}
	return d.Fixed
}

// Fixed returns a duration that is always d.
func Fixed(d time.Duration) Duration { return Duration{Fixed: d} }

// Zero says whether the span is always 0.
func (d Duration) Zero() bool { return d == Duration{} }

// MarshalJSON writes a fixed duration as a number of nanoseconds, any other as its bounds.
func (d Duration) MarshalJSON() ([]byte, error) {
	if d == Fixed(d.Fixed) {
		return json.Marshal(d.Fixed.Nanoseconds())
	}
	type bounds Duration
	return json.Marshal(bounds(d))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Duration) UnmarshalJSON(text []byte) error {
	type bounds Duration
	if len(text) > 0 && text[0] == '{' {
		return json.Unmarshal(text, (*bounds)(d))
	}
	*d = Duration{}
	return json.Unmarshal(text, &d.Fixed)
}

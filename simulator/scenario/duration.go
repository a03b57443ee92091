package scenario

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/simulator/random"
)

// maxDuration bounds a duration: the retry schedule, sessions and chargebacks all fit into a year.
const maxDuration = 365 * 24 * time.Hour

// Duration is drawn when it is needed: fixed, uniform, or log-normal. The zero value is 0.
type Duration struct {
	Fixed       time.Duration
	Low, High   time.Duration // uniform when High > 0
	Median, P99 time.Duration // log-normal when P99 > 0
}

// Fixed returns a duration that is always d.
func Fixed(d time.Duration) Duration { return Duration{Fixed: d} }

// Zero says whether the duration is always 0.
func (d Duration) Zero() bool { return d == Duration{} }

// Draw returns the duration, to the millisecond. A fixed one draws nothing from the stream.
func (d Duration) Draw(r *random.Stream) time.Duration {
	switch {
	case d.P99 > 0:
		sigma := math.Log(float64(d.P99)/float64(d.Median)) / 2.3263478740408408 // the normal distribution's 99th percentile
		drawn := float64(d.Median) * math.Exp(sigma*r.NormFloat64())
		return time.Duration(math.Min(drawn, float64(maxDuration))).Truncate(time.Millisecond)
	case d.High > 0:
		return (d.Low + time.Duration(r.Float64()*float64(d.High-d.Low))).Truncate(time.Millisecond)
	}
	return d.Fixed
}

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

var (
	unitNames    = []string{"d", "h", "m", "s", "ms"}
	units        = []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second, time.Millisecond}
	durationPart = regexp.MustCompile(`^([0-9]{1,9})(?:\.([0-9]{1,3}))?(ms|s|m|h|d)`)
)

var (
	errDuration = errors.New("must be a duration with its unit, such as 800ms, 5s, 10m, 1h30m or 30d")
	errTooLong  = errors.New("must be at most 365d")
)

// ParseDuration reads a duration as scenarios write it: 800ms, 5s, 1.5s, 1h30m, 30d; at most 365d, to the millisecond.
func ParseDuration(text string) (time.Duration, error) {
	if text == "" {
		return 0, errors.New("must not be empty")
	}
	total := time.Duration(0)
	for rest := text; rest != ""; {
		part := durationPart.FindStringSubmatch(rest)
		if part == nil || part[2] != "" && part[3] == "ms" {
			return 0, errDuration
		}
		rest = rest[len(part[0]):]
		unit := units[slices.Index(unitNames, part[3])]
		whole, _ := strconv.ParseInt(part[1], 10, 64)
		thousandths, _ := strconv.ParseInt((part[2] + "000")[:3], 10, 64)
		if whole > int64(maxDuration/unit) {
			return 0, errTooLong
		}
		if total += time.Duration(whole)*unit + time.Duration(thousandths)*(unit/1000); total > maxDuration {
			return 0, errTooLong
		}
	}
	return total, nil
}

// FormatDuration writes a duration as ParseDuration reads it.
func FormatDuration(d time.Duration) string {
	var out strings.Builder
	for i, unit := range units {
		if n := d / unit; n > 0 {
			out.WriteString(strconv.FormatInt(int64(n), 10) + unitNames[i])
			d -= n * unit
		}
	}
	if out.Len() == 0 {
		return "0s"
	}
	return out.String()
}

package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxSpan bounds a duration: the retry schedule, sessions and chargebacks all fit into a year.
const maxSpan = 365 * 24 * time.Hour

var units = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

var spanPart = regexp.MustCompile(`^([0-9]{1,9})(?:\.([0-9]{1,3}))?(ms|s|m|h|d)`)

// ParseDuration reads a duration as scenarios write it: 800ms, 5s, 1.5s, 1h30m, 30d; at most 365d, to the millisecond.
func ParseDuration(text string) (time.Duration, error) {
	total, rest := time.Duration(0), text
	for rest != "" && total <= maxSpan {
		part := spanPart.FindStringSubmatch(rest)
		if part == nil || part[2] != "" && part[3] == "ms" {
			return 0, fmt.Errorf("must be a duration with its unit, such as 800ms, 5s, 10m, 1h30m or 30d")
		}
		whole, _ := strconv.ParseInt(part[1], 10, 64)
		thousandths, _ := strconv.ParseInt((part[2] + "000")[:3], 10, 64)
		unit := units[part[3]]
		if whole > int64(maxSpan/unit) {
			total = maxSpan + 1
			break
		}
		total += time.Duration(whole)*unit + time.Duration(thousandths)*(unit/1000)
		rest = rest[len(part[0]):]
	}
	switch {
	case text == "":
		return 0, fmt.Errorf("must not be empty")
	case total > maxSpan:
		return 0, fmt.Errorf("must be at most 365d")
	}
	return total, nil
}

// FormatDuration writes a duration as ParseSpan reads it.
func FormatDuration(d time.Duration) string {
	if d < time.Millisecond {
		return "0s"
	}
	var out strings.Builder
	for _, name := range []string{"d", "h", "m", "s", "ms"} {
		if n := d / units[name]; n > 0 {
			fmt.Fprintf(&out, "%d%s", n, name)
			d -= n * units[name]
		}
	}
	return out.String()
}

// span reads a fixed duration; absent is 0.
func (n node) span(name string) time.Duration {
	return n.parse(n.path+name, n.fields[name])
}

func (n node) parse(path string, value any) time.Duration {
	text, ok := value.(string)
	if !ok {
		return 0
	}
	d, err := ParseDuration(text)
	if err != nil {
		n.builder.complain(path, "%s", err)
	}
	return d
}

// duration reads a duration that may be drawn; absent is 0.
func (n node) duration(name string) Duration {
	path := n.path + name
	drawn, ok := n.fields[name].(map[string]any)
	if !ok {
		return Duration{Fixed: n.span(name)}
	}
	bounds, uniform := drawn["uniform"].([]any)
	_, lognormal := drawn["lognormal"].(map[string]any)
	if uniform == lognormal && (uniform || len(drawn) == 0) {
		n.builder.complain(path, "must have either uniform: [low, high] or lognormal: {median, p99}")
		return Duration{}
	}
	if uniform {
		return n.uniform(path+".uniform", bounds)
	}
	return n.at(name).lognormal()
}

func (n node) uniform(path string, bounds []any) Duration {
	if len(bounds) != 2 {
		return Duration{}
	}
	low, high := n.parse(path+".0", bounds[0]), n.parse(path+".1", bounds[1])
	if low > high {
		n.builder.complain(path, "must have its lower bound first: [%s, %s]", FormatDuration(high), FormatDuration(low))
	}
	if low == high {
		return Duration{Fixed: low}
	}
	return Duration{Low: low, High: high}
}

func (n node) lognormal() Duration {
	at := n.at("lognormal")
	median, p99 := at.span("median"), at.span("p99")
	switch {
	case !at.has("median") || !at.has("p99"):
	case median == 0:
		n.builder.complain(at.path+"median", "must be longer than 0s")
	case p99 <= median:
		n.builder.complain(at.path+"p99", "must be longer than the median, %s", FormatDuration(median))
	}
	return Duration{Median: median, P99: p99}
}

package main

import (
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
)

// A webhook may arrive again only if a fault cut off who sent it first, then and not otherwise.
func TestAgain(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(seconds int, sender string) arrival {
		return arrival{began.Add(time.Duration(seconds) * time.Second), sender, "approved"}
	}
	one, two := &process{host: "one"}, &process{host: "two"}
	delivered := []adminapi.Delivery{{State: "delivered", Body: "approved"}}
	for name, c := range map[string]struct {
		deliveries []adminapi.Delivery
		arrived    []arrival
		excused    int
		says       string
	}{
		"once":                            {delivered, []arrival{at(0, "one")}, 0, ""},
		"two alike, both recorded":        {append(delivered, delivered...), []arrival{at(0, "one"), at(0, "one")}, 0, ""},
		"cut off between":                 {delivered, []arrival{at(9, "one"), at(20, "two")}, 1, ""},
		"held up by the cut":              {delivered, []arrival{at(25, "one"), at(26, "one")}, 1, ""},
		"the other one was cut off":       {delivered, []arrival{at(9, "two"), at(20, "one")}, 0, "that two sent at 12:00:09"},
		"long before":                     {delivered, []arrival{at(1, "one"), at(20, "two")}, 0, "that one sent at 12:00:01"},
		"long after":                      {delivered, []arrival{at(50, "one"), at(51, "one")}, 0, "that one sent at 12:00:50"},
		"only the second sender was":      {delivered, []arrival{at(0, "two"), at(12, "one")}, 0, "that two sent at 12:00:00"},
		"slow is not cut off":             {delivered, []arrival{at(70, "two"), at(72, "two")}, 0, "that two sent at 12:01:10"},
		"not recorded, and cut off":       {nil, []arrival{at(12, "one")}, 1, ""},
		"not recorded, without a reason":  {nil, []arrival{at(40, "one")}, 0, "arrived again"},
		"in the fault that lasts, so far": {nil, []arrival{at(120, "two")}, 1, ""},
	} {
		traffic := newTraffic(t.Context(), nil)
		traffic.windows = []*window{
			{fault{what: "partition", on: one}, began.Add(10 * time.Second), began.Add(20 * time.Second)},
			{fault{what: "slow link", on: two}, began.Add(68 * time.Second), began.Add(75 * time.Second)},
			{fault{what: "partition", on: two}, began.Add(110 * time.Second), time.Time{}},
		}
		err := traffic.again("665f", c.deliveries, c.arrived)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) || traffic.twice["partition"] != c.excused {
			t.Errorf("%s: %v and %v, want %q and %d excused", name, err, traffic.twice, c.says, c.excused)
		}
	}
}

// What hangs is given up, and says so.
func TestWithin(t *testing.T) {
	t.Parallel()
	if err := within(time.Nanosecond, func() error { select {} }); err == nil || !strings.Contains(err.Error(), "not done after 1ns") {
		t.Errorf("got %v", err)
	}
}

package cli

import (
	"time"

	"mozartosim/simulator/scenario"
)

// Duration is a flag that takes a duration as the admin API does, days included.
type Duration time.Duration

// String implements pflag.Value.
func (d *Duration) String() string { return scenario.FormatDuration(time.Duration(*d)) }

// Given is the duration as the admin API takes it, "" for none.
func (d *Duration) Given() string {
	if *d == 0 {
		return ""
	}
	return d.String()
}

// Set implements pflag.Value.
func (d *Duration) Set(text string) error {
	parsed, err := scenario.ParseDuration(text)
	*d = Duration(parsed)
	return err
}

// Type implements pflag.Value.
func (*Duration) Type() string { return "duration" }

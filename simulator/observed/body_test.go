package observed

import (
	"encoding/json"
	"testing"

	seen "mozartosim/openapi/observed"
	"mozartosim/simulator/provider"
)

// Constants that replace one value each don't replace what another has made.
func TestWordsAreReplacedOnce(t *testing.T) {
	t.Parallel()
	var body Body
	for _, words := range [][2]string{{"Pending", "Waiting"}, {"Waiting", "Pending"}, {"Approved", "Pending"}} {
		o := seen.Observation{Constant: json.RawMessage(`"` + words[1] + `"`), InsteadOf: json.RawMessage(`"` + words[0] + `"`)}
		body.add("constant", "status", &o)
	}
	for _, test := range []struct {
		was, now string
		changed  int
	}{{"Pending", "Waiting", 1}, {"Waiting", "Pending", 1}, {"Approved", "Pending", 1}, {"Declined", "Declined", 0}} {
		fields, changed := body.Apply(provider.Fields{{Name: "status", Value: test.was}}, Payment{})
		if fields[0].Value != test.now || len(changed) != test.changed {
			t.Errorf("%s: got %v, changed %v", test.was, fields[0].Value, changed)
		}
	}
}

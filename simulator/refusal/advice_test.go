package refusal

import (
	"testing"

	"mozartosim/simulator/adminapi"
)

// Whatever refuses a call, there is advice.
func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, stage := range adminapi.Stages() {
		if Advice(stage) == "" {
			t.Errorf("there is no advice for what %s refuses", stage)
		}
	}
	if Advice("") != "" {
		t.Error("there is advice for a call that was accepted")
	}
}

package payments_test

import (
	"testing"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/payments"
)

// The name of an attempt's job says which delivery it attempts; so does the longer one that was written before.
func TestDeliveryOf(t *testing.T) {
	t.Parallel()
	const payment, delivery = "6840a1f2c3d4e5f607182930", "6840a1f2c3d4e5f607182930-12"
	if got := payments.AttemptJob(delivery); got != "attempt-12" {
		t.Errorf("the job is named %q", got)
	}
	for _, name := range []string{payments.AttemptJob(delivery), "attempt-" + delivery} {
		if got := payments.DeliveryOf(journal.Job{ID: payment + "/" + name, Stream: payment}); got != delivery {
			t.Errorf("job %q attempts %q", name, got)
		}
	}
	if got := payments.DeliveryOf(journal.Job{ID: "of a broken file", Stream: payment}); got == delivery {
		t.Errorf("a job without a delivery attempts %q", got)
	}
}

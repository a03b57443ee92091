package query

import (
	"context"
	"encoding/json"
	"fmt"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payments"
)

// Clock reads a company's clock, and what waits for it.
func (q *Queries) Clock(ctx context.Context, company string) (adminapi.Clock, error) {
	stats, err := q.journal.Stats(ctx, company)
	if err != nil {
		return adminapi.Clock{}, fmt.Errorf("list jobs: %w", err)
	}
	next, err := q.journal.Jobs(ctx, company, journal.JobQuery{Limit: 1})
	if err != nil {
		return adminapi.Clock{}, fmt.Errorf("list jobs: %w", err)
	}
	at := q.runtimes.Get(company).Clock
	mode, factor := at.Mode()
	out := adminapi.Clock{Mode: string(mode), Factor: factor, Now: at.Now(), Waiting: stats.Jobs}
	if len(next) > 0 {
		out.Next = next[0].At.UTC()
	}
	return out, nil
}

// Jobs returns the next jobs of a payment, or of the whole company when payment is "", claimed ones too, in order.
func (q *Queries) Jobs(ctx context.Context, company, payment string, limit int) ([]adminapi.Job, error) {
	next, err := q.journal.Jobs(ctx, company, journal.JobQuery{Stream: payment, Claimed: true, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	out := make([]adminapi.Job, len(next))
	for i, j := range next {
		out[i] = jobOf(j)
	}
	return out, nil
}

func jobOf(j journal.Job) adminapi.Job {
	switch {
	case len(j.Data) == 0:
		j.Data = []byte(`{}`)
	case j.Kind == string(payments.Attempt): // its name says which delivery; the API says it with the data
		j.Data = withDelivery(j.Data, payments.DeliveryOf(j))
	}
	state := "pending"
	if j.Holder != "" {
		state = "claimed"
	}
	return adminapi.Job{At: j.At, Kind: j.Kind, Payment: j.Stream, State: state, Holder: j.Holder, Data: j.Data}
}

// withDelivery returns the data of an attempt's job as the admin API has them.
func withDelivery(data []byte, delivery string) []byte {
	attempt := struct {
		Delivery string `json:"delivery"`
		payments.AttemptData
	}{Delivery: delivery}
	_ = json.Unmarshal(data, &attempt.AttemptData) // a broken job still says which webhook it is about
	whole, _ := json.Marshal(attempt)
	return whole
}

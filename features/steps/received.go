package steps

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"mozartosim/features/cells"
	"mozartosim/features/evidence"
	"mozartosim/features/receiver"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/words"
)

// mine returns the webhooks that arrived for the company that calls.
func (w *World) mine() []receiver.Call {
	found, _ := w.of(w.acting)
	return found
}

// Done says that the step is over: webhooks that have arrived by now arrived during it.
func (w *World) Done() {
	for range len(w.mine()) - len(w.during) {
		w.during = append(w.during, w.step)
	}
}

// mailbox returns that of the company that calls.
func (w *World) mailbox(ctx context.Context) (*receiver.Mailbox, error) {
	c, err := w.caller(ctx)
	if err != nil {
		return nil, err
	}
	if c.Mailbox == nil {
		return nil, &NotRun{"needs a webhook receiver that the target reaches (--listen, --webhook-url)"}
	}
	return c.Mailbox, nil
}

// newest returns the webhook that the steps are about: the one that arrived last.
func (w *World) newest(ctx context.Context) (*receiver.Call, error) {
	if _, err := w.mailbox(ctx); err != nil {
		return nil, err
	}
	all, _ := w.of(w.acting)
	if len(all) == 0 {
		return nil, errors.New(`no webhook has arrived yet: "Then a webhook arrives" must come before`)
	}
	return &all[len(all)-1], nil
}

// await waits until n webhooks have arrived: by moving the company's clock where there is one to move, else in real time.
func (w *World) await(ctx context.Context, n int) error {
	if _, err := w.mailbox(ctx); err != nil {
		return err
	}
	for {
		arrived, changed := w.of(w.acting)
		if len(arrived) >= n {
			return nil
		}
		if w.api == nil {
			if err := awaitReally(ctx, w, n, changed); err != nil {
				return err
			}
			continue
		}
		jobs, err := w.advance(ctx, adminapi.AdvanceInput{Deliveries: 1})
		if err != nil {
			return err
		}
		if now, _ := w.of(w.acting); len(now) == len(arrived) && !slices.ContainsFunc(jobs, isAttempt) {
			return failed(w.webhookRules(""), "expected %s, but %d arrived and nothing more is due%s", words.Count(n, "webhook"), len(arrived), listed(arrived))
		}
	}
}

// awaitReally waits for the next webhook, as long as patience lasts.
func awaitReally(ctx context.Context, w *World, n int, changed <-chan struct{}) error {
	w.say("waiting up to %s for webhook %d%s", w.env.Patience, n, pageHint(w))
	waiting, cancel := context.WithTimeout(ctx, w.env.Patience)
	defer cancel()
	select {
	case <-changed:
		return nil
	case <-waiting.Done():
		if ctx.Err() != nil {
			return ctx.Err()
		}
		arrived, _ := w.of(w.acting)
		return failed(w.webhookRules(""), "expected %s within %s, but %d arrived%s%s", words.Count(n, "webhook"), w.env.Patience, len(arrived), listed(arrived), w.strangers())
	}
}

// quiet waits in real time for a webhook that should not come, until one does or it has been quiet for long enough.
func quiet(ctx context.Context, w *World) error {
	w.say("waiting %s to see that no webhook arrives", w.env.Quiet)
	waiting, cancel := context.WithTimeout(ctx, w.env.Quiet)
	defer cancel()
	for {
		all, changed := w.of(w.acting)
		if len(all) > w.seen {
			return nil
		}
		select {
		case <-changed:
		case <-waiting.Done():
			return ctx.Err()
		}
	}
}

// pageHint tells a person where to pay.
func pageHint(w *World) string {
	a, err := w.last()
	if err != nil || a.op == nil || a.op.Redirect == "" {
		return ""
	}
	if url, ok := openapi.Lookup(a.doc.Fields, a.op.Redirect); ok {
		return "; the provider's page is " + cells.Text(url)
	}
	return ""
}

func isAttempt(job adminapi.CompletedJob) bool { return job.Kind == "attempt" }

// advance moves the company's clock and notes when each webhook came.
func (w *World) advance(ctx context.Context, in adminapi.AdvanceInput) ([]adminapi.CompletedJob, error) {
	shop, err := w.admin(ctx)
	if err != nil {
		return nil, err
	}
	before, _ := w.of(w.acting)
	moved, err := shop.Advance(ctx, in)
	if err != nil {
		return nil, err
	}
	w.clock = moved.Now
	for len(w.moments) < len(before) { // those that came by themselves, before an answer
		w.moments = append(w.moments, time.Time{})
	}
	all, _ := w.of(w.acting)
	for _, job := range moved.Jobs {
		if isAttempt(job) && len(w.moments) < len(all) {
			w.moments = append(w.moments, job.At)
		}
	}
	return moved.Jobs, nil
}

// received returns what arrived for the payments of the scenario's own company, masked.
func (w *World) received() []evidence.Webhook {
	if w.company == nil || w.company.Mailbox == nil {
		return nil
	}
	if w.acting == w.other {
		w.acting, w.inbox = w.company, w.aside
	}
	w.Done()
	about := evidence.Exchange{Label: w.id}
	made := payment(w)
	if made != nil {
		about = w.exchanges[made.exchange]
	}
	var found []evidence.Webhook
	bodies := map[string]bool{}
	for i, r := range w.mine() {
		found = append(found, evidence.Webhook{
			Label: about.Label, N: i + 1, Step: w.during[min(i, len(w.during)-1)], PSP: about.PSP, Type: about.Type,
			Headers: w.masker.Header(r.Header), Body: shortenedWebhook(w.masker.Body(r.Body)), Answered: r.Answered, Duplicate: bodies[string(r.Body)],
			After: evidence.Span(after(w, made, i, r)), Unclocked: w.api != nil && (i >= len(w.moments) || w.moments[i].IsZero()),
		})
		bodies[string(r.Body)] = true
	}
	return found
}

// payment returns the answer that made the payment of the company that calls: its first success, or else its first of all; nil for none.
func payment(w *World) (first *answer) {
	for _, a := range w.answers {
		if a.by == w.acting && (first == nil || first.status != http.StatusOK && a.status == http.StatusOK) {
			first = a
		}
	}
	return first
}

// after is how long after the answer the i-th webhook came, negative when it came before: on the target's clock where it is
// known, else in real time.
func after(w *World, made *answer, i int, r receiver.Call) time.Duration {
	if made == nil {
		return 0
	}
	before := r.At.Before(made.arrived)
	if !before && i < len(w.moments) && !w.moments[i].IsZero() && !made.at.IsZero() {
		return w.moments[i].Sub(made.at)
	}
	return r.At.Sub(made.arrived)
}

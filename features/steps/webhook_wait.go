package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// mine returns the webhooks that arrived for this scenario: all of its company's, or, where scenarios share a company, those
// about its own payments.
func (w *World) mine() []Received {
	found, _ := w.arrived(w.company)
	return found
}

func (w *World) arrived(c *Company) ([]Received, <-chan struct{}) {
	if c == nil || c.Mail == nil {
		return nil, nil
	}
	all, changed := c.Mail.all()
	if !c.Shared {
		return all, changed
	}
	var own []Received
	for _, r := range all {
		if w.ids[r.Doc.Text("transaction_id")] {
			own = append(own, r)
		}
	}
	return own, changed
}

// receiving says whether webhooks can be received at all.
func (w *World) receiving() (*Company, error) {
	c, err := w.us()
	if err != nil {
		return nil, err
	}
	if c.Mail == nil {
		return nil, &NotRun{"needs a webhook receiver that the target reaches (--listen, --webhook-url)"}
	}
	return c, nil
}

// await waits until n webhooks have arrived: by moving the company's clock where there is one to move, else in real time.
func (w *World) await(n int) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	for {
		seen, changed := w.arrived(c)
		if len(seen) >= n {
			return nil
		}
		if w.env.Control == nil {
			if err := w.awaitReally(c, n, changed); err != nil {
				return err
			}
			continue
		}
		happened, err := w.advance(map[string]any{"deliveries": 1})
		if err != nil {
			return err
		}
		if now, _ := w.arrived(c); len(now) == len(seen) && !slices.ContainsFunc(happened, isAttempt) {
			return failed(w.webhookRules(""), "expected %s, but %d arrived and nothing more is due%s", count(n, "webhook"), len(seen), w.told(seen))
		}
	}
}

// awaitReally waits for whatever comes next, as long as patience lasts.
func (w *World) awaitReally(c *Company, n int, changed <-chan struct{}) error {
	w.say("waiting up to %s for webhook %d%s", w.env.Patience, n, w.pageHint())
	ctx, cancel := context.WithTimeout(w.ctx, w.env.Patience)
	defer cancel()
	for {
		select {
		case <-changed:
			return nil
		case <-ctx.Done():
			if w.ctx.Err() != nil {
				return w.ctx.Err()
			}
			seen, _ := w.arrived(c)
			return failed(w.webhookRules(""), "expected %s within %s, but %d arrived%s", count(n, "webhook"), w.env.Patience, len(seen), w.told(seen))
		}
	}
}

// pageHint tells a person where to pay.
func (w *World) pageHint() string {
	if len(w.answers) == 0 {
		return ""
	}
	a := w.answers[len(w.answers)-1]
	if a.op == nil || a.op.Redirect == "" {
		return ""
	}
	if url, ok := lookup(a.doc.Fields, a.op.Redirect); ok {
		return "; the provider's page is " + shown(url)
	}
	return ""
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// told lists webhooks for people.
func (w *World) told(all []Received) string {
	if len(all) == 0 {
		return ""
	}
	var words []string
	for _, r := range all {
		words = append(words, fmt.Sprintf("%s (%s)", r.Doc.Text("status"), r.Doc.Text("transaction_status")))
	}
	return ": " + strings.Join(words, ", ")
}

// nextWebhook waits for one more than the scenario has seen.
func nextWebhook(w *World, _ Args) error {
	w.seen++
	return w.await(w.seen)
}

func webhooksArrive(w *World, a Args) error {
	w.seen += a.Int(0)
	return w.await(w.seen)
}

// webhooksHaveArrived counts what is there without moving the clock.
func webhooksHaveArrived(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	all, _ := w.arrived(c)
	if len(all) != a.Int(0) {
		return failed(w.webhookRules(""), "expected that %s had arrived, but there were %d%s", count(a.Int(0), "webhook"), len(all), w.told(all))
	}
	w.seen = len(all)
	return nil
}

// noMoreWebhooks lets everything that is due happen, or waits for a while in real time, and insists that nothing arrives.
func noMoreWebhooks(w *World, _ Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	if w.env.Control == nil {
		err = w.quiet(c)
	} else {
		_, err = w.advance(map[string]any{"until": "idle"})
	}
	if err != nil {
		return err
	}
	if all, _ := w.arrived(c); len(all) > w.seen {
		return failed(w.webhookRules(""), "expected no further webhook, but %s came%s", count(len(all)-w.seen, "more"), w.told(all[w.seen:]))
	}
	return nil
}

func (w *World) quiet(c *Company) error {
	w.say("waiting %s to see that no webhook arrives", w.env.Quiet)
	ctx, cancel := context.WithTimeout(w.ctx, w.env.Quiet)
	defer cancel()
	for {
		all, changed := w.arrived(c)
		if len(all) > w.seen {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return w.ctx.Err()
		}
	}
}

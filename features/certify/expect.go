package certify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mozartosim/simulator/clock"
)

// look reads the order by the probe.
func (t *trial) look() (reading, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.config.Limits.Call)
	defer cancel()
	seen, made, err := t.config.Merchant.Probe.read(ctx, t.client, t.values())
	t.exchange("probe", made, err)
	return seen, err
}

// isCredited says whether an order is credited, wholly and once.
func (t *trial) isCredited(r reading) bool {
	return r.found && slices.Contains(t.config.Merchant.Statuses.Credited, r.status) && r.credited.Cmp(t.flow.Amount) == 0
}

// untouched says whether nothing of an order is credited.
func (t *trial) untouched(r reading) bool {
	return !r.found || !slices.Contains(t.config.Merchant.Statuses.Credited, r.status) && !r.credited.Positive() && r.credited.Cmp(zero()) == 0
}

// credited expects that the order is credited, wholly and once, before limits.settle is over.
func (t *trial) credited() {
	text := fmt.Sprintf("the order is credited %s, once", t.flow.Amount.Fixed(2))
	t.step("Then", text, func() (string, error) {
		began := t.wall()
		tries := 0
		var seen reading
		err := t.until(t.config.Limits.Settle, func() (bool, error) {
			var err error
			tries++
			seen, err = t.look()
			return err != nil || t.isCredited(seen) || seen.credited.Cmp(t.flow.Amount) > 0, err
		})
		switch {
		case err != nil:
			return "", err
		case !t.isCredited(seen):
			return seen.String(), fmt.Errorf("expected %s and credited %s, but seen %s",
				statusWords(t.config.Merchant.Statuses.Credited), t.flow.Amount.Fixed(2), seen)
		}
		if took := t.wall().Sub(began); tries > 1 {
			t.booking = max(t.booking, took)
		}
		t.final = isCredited
		return seen.String(), nil
	})
}

// nothing expects that nothing of the order is credited; a merchant that books behind its acknowledgement gets the time for
// it first, twice what it has been seen to need.
func (t *trial) nothing() {
	t.step("Then", "nothing is credited", func() (string, error) {
		if t.booking > 0 {
			if _, err := clock.New().Hold(t.ctx, min(2*t.booking, t.config.Limits.Settle)); err != nil {
				return "", &broken{err}
			}
		}
		seen, err := t.look()
		if err != nil {
			return "", err
		}
		if !t.untouched(seen) {
			return seen.String(), fmt.Errorf("expected that nothing is credited, but seen %s", seen)
		}
		t.final = isNotCredited
		return seen.String(), nil
	})
}

// notYet makes sure that nothing is credited before the check's own matter begins. When something is, that is what
// not-on-answer is for.
func (t *trial) notYet() {
	t.step("And", "nothing is credited yet", func() (string, error) {
		seen, err := t.look()
		if err != nil {
			return "", err
		}
		if !t.untouched(seen) {
			return seen.String(), &blocked{fmt.Sprintf("the order was credited on the API's answer already (%s); see not-on-answer", seen)}
		}
		return seen.String(), nil
	})
}

// stands expects one of the merchant's words, in limits.settle.
func (t *trial) stands(what string, words []string) {
	t.step("And", "the order is "+what, func() (string, error) {
		var seen reading
		err := t.until(t.config.Limits.Settle, func() (bool, error) {
			var err error
			seen, err = t.look()
			return seen.found && slices.Contains(words, seen.status), err
		})
		if err == nil && !(seen.found && slices.Contains(words, seen.status)) {
			err = fmt.Errorf("expected %s, but seen %s", statusWords(words), seen)
		}
		return seen.String(), err
	})
}

func (t *trial) pending() { t.stands("pending", t.config.Merchant.Statuses.Pending) }
func (t *trial) failed()  { t.stands("failed", t.config.Merchant.Statuses.Failed) }

func statusWords(words []string) string {
	return `status "` + strings.Join(words, `" or "`) + `"`
}

// accepted expects that every webhook of the last step was acknowledged with a 2xx.
func (t *trial) accepted() {
	newest := t.newest
	t.step("Then", "it is acknowledged with a 2xx", func() (string, error) {
		for _, s := range newest {
			if !s.ok() {
				return s.says(), fmt.Errorf("expected a 2xx, but seen %s", s.says())
			}
		}
		return "", arrived(newest)
	})
}

// answered expects that every webhook of the last step was answered at all, and with no 5xx.
func (t *trial) answered() {
	newest := t.newest
	t.step("Then", "it is answered, and with no 5xx", func() (string, error) {
		for _, s := range newest {
			if s.status == 0 || s.status >= 500 {
				return s.says(), fmt.Errorf("expected an answer that is no 5xx, but seen %s", s.says())
			}
		}
		return "", arrived(newest)
	})
}

// refused expects that no webhook of the last step was acknowledged.
func (t *trial) refused() {
	newest := t.newest
	t.step("Then", "it is not acknowledged", func() (string, error) {
		for _, s := range newest {
			if s.ok() {
				return s.says(), fmt.Errorf("expected no 2xx, but seen %s", s.says())
			}
		}
		return "", arrived(newest)
	})
}

func arrived(newest []sent) error {
	if len(newest) == 0 {
		return &absent{"no webhook came"}
	}
	return nil
}

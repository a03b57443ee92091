package certify

import (
	"context"
	"errors"
	"fmt"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
)

func needsHook(_ context.Context, r *checkRun) (string, error) {
	if r.config.Merchant.Start.Wait > 0 {
		return "", notApplicable("the merchant has no start hook")
	}
	return "", nil
}

func needsSecret(_ context.Context, r *checkRun) (string, error) {
	if r.config.Merchant.Webhook.Secret == "" {
		return "", errors.New("merchant.webhook.secret is not set: anybody who knows the webhook's URL can credit orders")
	}
	return "", nil
}

// start lets the merchant start a payment, and finds it in the simulator. Its hook must answer with a 2xx, unless the call fails on
// purpose.
func start(ctx context.Context, r *checkRun) (seen string, err error) {
	r.invalid = r.check.refusable // a merchant that does not know the transaction yet may refuse the webhook
	if r.flow.broken != "" {
		return "", blocked{"no payment could be started; see " + r.flow.broken}
	}
	newest, err := r.newest(ctx, r.flow, 1)
	if err != nil {
		return "", err
	}
	var ordinal uint64
	if len(newest) > 0 {
		ordinal = newest[0].Ordinal
	}
	var before [2]string
	if r.check.opens {
		if before, _, err = r.newestRefusals(ctx, before); err != nil {
			return "", err
		}
	}
	if seen, err = r.callHook(ctx); err == nil {
		err = r.findPayment(ctx, ordinal)
	}
	if r.check.opens && err != nil {
		r.flow.broken = r.check.ID
		if _, why, failed := r.newestRefusals(ctx, before); failed == nil && why != "" {
			err = fmt.Errorf("%w; the simulator refused the shop's call: %s", err, why)
		}
	}
	if err == nil && r.payment.Status == "awaiting_approval" { // a pay-out of Gigadat (documented)
		_, err = r.company.Approve(ctx, r.payment.ID)
		return seen + ", and the pay-out was approved in the back office", r.broken(err)
	}
	return seen, err
}

// runClock lets the simulator's clock run: one that is manual delays no answer.
func runClock(ctx context.Context, r *checkRun) (string, error) {
	r.realTime = true
	return "", r.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Real)})
}

func stopClock(ctx context.Context, r *checkRun) (string, error) {
	r.realTime = false
	return "", r.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)})
}

// callHook calls the start hook, or asks people to do what it would.
func (r *checkRun) callHook(ctx context.Context) (seen string, err error) {
	hook := r.config.Merchant.Start
	if hook.Wait > 0 {
		r.logf("waiting up to %s for a %s (%s)", hook.Wait, r.flow.payment(), r.check.ID)
		return "", nil
	}
	values := r.values()
	limit := r.config.Limits.Call
	if r.realTime {
		limit += r.config.Limits.SlowAnswer
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r.hook, _, err = call(ctx, r.client, hook.Method, fill(hook.URL, values, inURL), hook.Headers, fill(hook.Body, values, inText))
	r.recordCall("start", r.hook, err)
	if err != nil && r.mayFail {
		return err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	if r.hook.Answer.Status/100 != 2 && !r.mayFail {
		return "", fmt.Errorf("the hook must answer with a 2xx, but answered %d %s", r.hook.Answer.Status, brief(r.hook.Answer.Body))
	}
	if hook.Order != "" {
		order, ok := pick(decode(r.hook.Answer.Body), hook.Order)
		switch {
		case ok:
			r.order = order
		case !r.mayFail:
			return "", fmt.Errorf("the hook's answer must have the order's id at %s", hook.Order)
		}
	}
	return fmt.Sprintf("the hook answered %d", r.hook.Answer.Status), nil
}

// findPayment waits for the payment that was made after another, as long as the merchant may take.
func (r *checkRun) findPayment(ctx context.Context, after uint64) error {
	wait := r.config.Limits.Settle
	if r.config.Merchant.Start.Wait > 0 {
		wait = r.config.Merchant.Start.Wait
	}
	var found adminapi.PaymentSummary
	err := r.retryFor(ctx, wait, func() (bool, error) {
		newest, err := r.newest(ctx, r.flow, 5)
		for _, p := range newest {
			if p.Ordinal > after && (r.flow.Variant == "" || p.Variant == r.flow.Variant) {
				found = p
			}
		}
		return found.ID != "", err
	})
	if err == nil && found.ID == "" {
		err = fmt.Errorf("no call of %s arrived at the simulator (%s), or it was refused: `mozartosim requests` says why", r.flow.words(), r.public)
	}
	if err != nil {
		return err
	}
	if r.config.Merchant.Start.Wait > 0 {
		r.reference = found.MerchantReference
	}
	r.payment.ID = found.ID
	return r.readPayment(ctx)
}

// readPayment reads the payment as the simulator has it.
func (r *checkRun) readPayment(ctx context.Context) (err error) {
	r.payment, err = r.company.Payment(ctx, r.payment.ID)
	return r.broken(err)
}

// returnTo opens the merchant's page that the provider redirects the shopper to, and follows redirects as a browser does.
func returnTo(ctx context.Context, r *checkRun, result string) (string, error) {
	target, own, err := r.returnURL(result)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, r.config.Limits.Call)
	defer cancel()
	return r.browse(ctx, target, own)
}

// mostRedirects is how many redirects a browser follows.
const mostRedirects = 20

// browse opens a return page and the pages that it redirects to. own says that the shop's request names the page.
func (r *checkRun) browse(ctx context.Context, target *url.URL, own bool) (seen string, err error) {
	browser := *r.client
	if browser.Jar, err = cookiejar.New(nil); err != nil {
		return "", r.broken(err)
	}
	way := target.Redacted()
	for range mostRedirects {
		made, location, err := visit(ctx, &browser, target)
		r.recordCall("return", made, err)
		switch {
		case err != nil && own:
			return "", notApplicable(fmt.Sprintf("the return page that the shop's request names does not answer: %v", err))
		case err != nil:
			return "", notApplicable(fmt.Sprintf("the return page does not answer (%v): set merchant.site", err))
		case made.Answer.Status >= 400:
			return "", fmt.Errorf("expected a page for the shopper, but %s answered %d", way, made.Answer.Status)
		case location == nil:
			return fmt.Sprintf("%s answered %d", way, made.Answer.Status), nil
		}
		target = location
		way += ", which redirects to " + target.Redacted() + ", which"
	}
	return "", fmt.Errorf("expected a page for the shopper, but the return page redirects more than %d times", mostRedirects)
}

// returnURL is where the provider redirects the shopper: to the URL of the request (then own is true), else below the configured
// site.
func (r *checkRun) returnURL(result string) (target *url.URL, own bool, err error) {
	request := object(string(r.payment.Request))
	text, _ := request[map[string]string{"success": "hppSuccessUrl", "failure": "hppFailureUrl"}[result]].(string)
	if own = text != ""; !own {
		site, _ := request["siteUrl"].(string)
		if own = site != ""; !own {
			site = r.config.Merchant.Site
		}
		if site == "" {
			return nil, false, notApplicable("no return URL is known: set merchant.site")
		}
		text = strings.TrimRight(site, "/") + "/payment/" + result
	}
	if target, err = url.Parse(text); err != nil {
		return nil, own, fmt.Errorf("the return URL: %w", err)
	}
	q := target.Query()
	q.Set("transactionId", r.payment.ID)
	q.Set("status", result)
	target.RawQuery = q.Encode()
	return target, own, nil
}

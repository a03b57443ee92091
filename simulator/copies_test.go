package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
)

// drawnCopy, drawnWebhook and drawnStory are a scenario as it is written; "" and nil are not written.
type drawnCopy struct {
	After string `json:"after,omitempty"`
	Auth  string `json:"auth,omitempty"`
	Body  string `json:"body,omitempty"`
}

type drawnWebhook struct {
	Copies any    `json:"copies,omitempty"` // an int or []drawnCopy
	Spaced string `json:"spaced,omitempty"`
	Auth   string `json:"auth,omitempty"`
	Body   string `json:"body,omitempty"`
}

type drawnNotification struct {
	After   string        `json:"after,omitempty"`
	Status  string        `json:"status"`
	Raw     string        `json:"raw"`
	Webhook *drawnWebhook `json:"webhook,omitempty"`
}

type drawnStory struct {
	Name     string              `json:"name"`
	Shopper  map[string]string   `json:"shopper"`
	Then     []drawnNotification `json:"then"`
	Webhooks drawnWebhook        `json:"webhooks"`
}

func drawStory(t *rapid.T) drawnStory {
	story := drawnStory{Name: "drawn", Shopper: map[string]string{"action": "approve"}, Webhooks: drawWebhook(t)}
	for i := range rapid.IntRange(1, 3).Draw(t, "notifications") {
		after := rapid.SampledFrom([]string{"", "1h", "3d"}).Draw(t, "after")
		n := drawnNotification{After: after, Status: "Approved", Raw: fmt.Sprintf("raw-%d", i+1)}
		if rapid.Bool().Draw(t, "own") {
			own := drawWebhook(t)
			n.Webhook = &own
		}
		story.Then = append(story.Then, n)
	}
	return story
}

func drawWebhook(t *rapid.T) (w drawnWebhook) {
	auth := rapid.SampledFrom([]string{"", "", "wrong", "missing", "other-company", "old"})
	body := rapid.SampledFrom([]string{"", "", "malformed", "empty", "number-amount", "huge"})
	w.Auth, w.Body = auth.Draw(t, "auth"), body.Draw(t, "body")
	switch rapid.IntRange(0, 2).Draw(t, "copies") {
	case 0:
		n := rapid.IntRange(1, 3).Draw(t, "n")
		if w.Copies = n; n > 1 {
			w.Spaced = rapid.SampledFrom([]string{"", "30s"}).Draw(t, "spaced")
		}
	case 1:
		var list []drawnCopy
		for range rapid.IntRange(1, 3).Draw(t, "list") {
			after := rapid.SampledFrom([]string{"", "1m", "3d"}).Draw(t, "after")
			list = append(list, drawnCopy{after, auth.Draw(t, "copy's auth"), body.Draw(t, "copy's body")})
		}
		w.Copies = list
	}
	return w
}

var spans = map[string]time.Duration{"": 0, "30s": 30 * time.Second, "1m": time.Minute, "1h": time.Hour, "3d": 72 * time.Hour}

// expected are the webhooks of a story, written down one by one: which copy of which notification, when, and how it is wrong.
func (s drawnStory) expected() (lines []string) {
	first := func(texts ...string) string {
		for _, text := range texts {
			if text != "" {
				return text
			}
		}
		return "fine"
	}
	for _, n := range s.Then {
		own := drawnWebhook{}
		if n.Webhook != nil {
			own = *n.Webhook
		}
		copies, spaced := own.Copies, own.Spaced
		if copies == nil {
			copies, spaced = s.Webhooks.Copies, s.Webhooks.Spaced
		}
		list, isList := copies.([]drawnCopy)
		if many, _ := copies.(int); !isList {
			list = make([]drawnCopy, max(1, many))
		}
		for j, c := range list {
			at := spans[n.After] + spans[c.After]
			if !isList {
				at += time.Duration(j) * spans[spaced]
			}
			lines = append(lines, fmt.Sprintf("%s.%d +%s %s %s", n.Raw, j+1, at,
				first(c.Auth, own.Auth, s.Webhooks.Auth), first(c.Body, own.Body, s.Webhooks.Body)))
		}
	}
	slices.Sort(lines)
	return lines
}

// sentAs are the webhooks that were sent, in the words of expected, each with what the inbox has found.
func sentAs(p *payment.Payment) (lines []string) {
	for _, d := range p.Deliveries {
		auth := d.Auth
		if auth == "" {
			auth = "fine"
		}
		lines = append(lines, fmt.Sprintf("%s.%d +%s %s %s", p.Notifications[d.Notification-1].Raw, max(1, d.Copy), d.Due.Sub(p.Created), auth, wrongWith(d)))
	}
	slices.Sort(lines)
	return lines
}

// wrongWith says in which way a webhook's body is wrong.
func wrongWith(d adminapi.Delivery) string {
	var fields struct{ Amount any }
	switch err := json.Unmarshal([]byte(d.Body), &fields); {
	case d.Body == "":
		return "empty"
	case err != nil:
		return "malformed"
	case d.Padded:
		return "huge"
	}
	if _, text := fields.Amount.(string); !text {
		return "number-amount"
	}
	return "fine"
}

// Whatever is said of all webhooks, of one notification's and of a copy, each webhook leaves at its time, is wrong in its way and in no
// other, and the inbox tells right secrets, wrong ones, old ones and missing ones apart.
func TestEachCopyIsSentAsWritten(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	secured := func(secret string) *backoffice.Company {
		c := h.configure("PAYONE", map[string]any{"isWebhookSecured": true, "webhookSecret": secret})
		if known, ok := h.directory.Get("copies"); ok {
			changed := *known
			changed.PSPs = maps.Clone(known.PSPs)
			c(&changed)
			put, err := h.directory.Put(changed, start)
			must(t, err)
			return put
		}
		return h.company("copies", c)
	}
	secured("the-former-secret")
	company := secured("the-present-secret")
	verdicts := map[string]string{"": "right", "wrong": "wrong", "other-company": "wrong", "missing": "missing", "old": "old"}
	rapid.Check(t, func(rt *rapid.T) {
		story := drawStory(rt)
		text, err := json.Marshal(story)
		must(t, err)
		must(t, h.runtimes.Get(company.ID).Scenarios().Override(h.scripted(t, string(text))))
		id := h.made(t, company, "PayonePayInRequest").ID
		h.advance(t, company, scheduler.Advance{UntilIdle: true})
		p := h.read(t, company, id)
		if got, want := sentAs(p), story.expected(); !slices.Equal(got, want) {
			rt.Fatalf("%s\n got %q\nwant %q", text, got, want)
		}
		for _, d := range p.Deliveries {
			if got := d.Attempts[0].Verdict; got != verdicts[d.Auth] {
				rt.Fatalf("%s: the inbox finds %q of auth %q", text, got, d.Auth)
			}
		}
	})
}

package pages

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"mozartosim/fixtures"
	"mozartosim/simulator/adminapi"
)

// Checkout is a way to pay in the demo shop.
type Checkout struct {
	PSP, Name        string
	Amount, Currency string
	Reference        string   // merchantReference
	HasPage          bool     // the shopper pays on a hosted page
	HasWebhooks      bool     // the provider notifies
	Wish             string   // what shall happen: the value of one of the choices; a scenario's name, or a reason of Vouchers
	Vouchers         []choice // why a voucher is rejected; nothing where no vouchers are taken

	example string // the kind of the request that is sent
}

// choice is one of a list: what a form sends, and its words.
type choice struct{ Value, Text string }

// wishes are the scenarios that the shop offers for all its providers.
func wishes(all []Checkout) (offered []choice) {
	for _, c := range all {
		for _, w := range c.wishes() {
			if !offers(offered, w.Value) {
				offered = append(offered, w)
			}
		}
	}
	return offered
}

// wishes are the scenarios that a provider can have, the first one unless another is chosen: where no shopper comes to a page, none
// decides, and without webhooks none goes wrong.
func (c Checkout) wishes() (all []choice) {
	if c.HasPage {
		all = append(all, choice{"shopper-by-hand", "I decide, on the provider’s page"})
	}
	all = append(all, choice{"shopper-approves", "Approved, without me"})
	if c.HasPage || c.Vouchers != nil {
		all = append(all, choice{"shopper-declined", "Declined"})
	}
	if c.HasPage {
		all = append(all, choice{"shopper-cancels", "Cancelled by the shopper"})
	}
	if c.HasPage && c.HasWebhooks {
		all = append(all, choice{"shopper-returns-first", "Back in the shop before the webhook"})
	}
	if c.HasWebhooks {
		all = append(all, choice{"webhook-twice", "The webhook comes twice"}, choice{"webhook-never", "The webhook never comes"})
	}
	return append(all, c.Vouchers...)
}

// lacks says what the provider has not, so that not every wish can come true.
func (c Checkout) lacks() string {
	var has []string
	if !c.HasPage {
		has = append(has, "it has no page on which a shopper decides")
	}
	if c.Vouchers == nil {
		has = append(has, "it takes no vouchers")
	}
	if !c.HasWebhooks {
		has = append(has, "it sends no webhooks")
	}
	return strings.Join(has, ", and ")
}

// Grants are the values of what can happen with the provider, for the script.
func (c Checkout) Grants() template.HTMLAttr {
	var values []string
	for _, w := range c.wishes() {
		values = append(values, w.Value)
	}
	return attributes("data-grants", strings.Join(values, " "))
}

func offers(all []choice, value string) bool {
	return slices.ContainsFunc(all, func(c choice) bool { return c.Value == value })
}

// shopView is what the demo shop shows: what can be bought, or an order.
type shopView struct {
	Checkouts []Checkout
	Chosen    Checkout
	Wishes    []choice
	Amounts   []testAmount
	Refused   string
	Order     *order
	Again     template.HTMLAttr // of a link to the shop
}

// testAmount is an amount that decides what a provider says, whatever the card.
type testAmount struct {
	fixtures.Card
	Name  string            // the provider's
	Fills template.HTMLAttr // of a link that puts it into the form
}

// order is a payment that a browser has made in the shop, as the merchant knows it.
type order struct {
	adminapi.Payment
	Checkout Checkout
	Back     string // how the shopper has returned; "" = not yet
	Webhook  string // what the last webhook that was taken said: Approved, Declined, Pending; "" = none came
	Raw      string // and in the provider's own word
	State    state
}

// read finds what the merchant knows: what the last webhook said that its handler took; where the provider notifies nobody, what
// the back office says.
func (o *order) read() {
	for _, d := range o.Deliveries {
		if d.State == "delivered" && d.Notification > 0 && d.Notification <= len(o.Notifications) {
			n := o.Notifications[d.Notification-1]
			o.Webhook, o.Raw = n.TransactionStatus, n.Raw
		}
	}
	known := o.Webhook
	if !o.Checkout.HasWebhooks {
		known = o.TransactionStatus
	}
	switch known {
	case "Approved":
		o.State = statePaid
	case "Declined":
		o.State = stateUnpaid
	default:
		o.State = stateWaiting
	}
}

// mark changes with everything that the page of an order shows.
func (o *order) mark() string {
	visit := 0
	if o.Visit != nil {
		visit = len(o.Visit.Returns)
	}
	return fmt.Sprintf("%s-%s-%d-%d", o.State, o.Status, len(o.Deliveries), visit)
}

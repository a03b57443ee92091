package merchants

import (
	"fmt"
	"strings"
	"time"

	"mozartosim/openapi"
)

// Mistakes are the mistakes of a Naive shop; the zero value has none.
type Mistakes struct {
	CreditsOnAnswer        bool
	CreditsOnReturn        bool
	FailsOnReturn          bool
	CreditsTwice           bool
	Races                  bool
	IgnoresSecret          bool
	UsesRawStatus          bool
	TrustsAmount           bool
	IgnoresCurrency        bool
	CreditsStrangers       bool
	IgnoresTransactionID   bool
	RefusesUnknownFields   bool
	BreaksOnMalformed      bool
	CreditsUnknownStatus   bool
	CreditsPending         bool
	CreditsUnderpayment    bool
	LastWordWins           bool
	FirstWordWins          bool
	StoresAfterCall        bool
	GivesUpOnError         bool
	AcknowledgesEverything bool
	AnswersSlowly          bool
	HandsTokensOn          bool
	WrongRedirect          bool

	SlowFor time.Duration       // how long its answer takes
	RaceFor time.Duration       // how long it takes from reading to writing
	Hold    func(time.Duration) // waits; nil = on the machine's clock
}

// Mistake is one mistake, with its name on the command line.
type Mistake struct {
	Name        string
	Description string
	Set         func(*Mistakes) *bool
}

// AllMistakes lists them.
func AllMistakes() []Mistake {
	return []Mistake{
		{"credits-on-answer", "credits the order on the API's answer", func(m *Mistakes) *bool { return &m.CreditsOnAnswer }},
		{"credits-on-return", "credits the order when the shopper comes back", func(m *Mistakes) *bool { return &m.CreditsOnReturn }},
		{"fails-on-return", "fails the order when the shopper comes back to the failure page", func(m *Mistakes) *bool { return &m.FailsOnReturn }},
		{"credits-twice", "credits the order for every webhook", func(m *Mistakes) *bool { return &m.CreditsTwice }},
		{"races", "reads whether it was credited, and writes later", func(m *Mistakes) *bool { return &m.Races }},
		{"ignores-secret", "does not look at the shared secret", func(m *Mistakes) *bool { return &m.IgnoresSecret }},
		{"uses-raw-status", "decides by status instead of transaction_status", func(m *Mistakes) *bool { return &m.UsesRawStatus }},
		{"trusts-amount", "credits whatever amount the webhook has", func(m *Mistakes) *bool { return &m.TrustsAmount }},
		{"ignores-currency", "does not look at the webhook's currency", func(m *Mistakes) *bool { return &m.IgnoresCurrency }},
		{"credits-strangers", "creates an order for a transaction that it never started", func(m *Mistakes) *bool { return &m.CreditsStrangers }},
		{"ignores-transaction-id", "finds the order by merchantReference alone", func(m *Mistakes) *bool { return &m.IgnoresTransactionID }},
		{"refuses-unknown-fields", "refuses webhooks with fields that it does not know", func(m *Mistakes) *bool { return &m.RefusesUnknownFields }},
		{"breaks-on-malformed", "crashes on a webhook that is not JSON", func(m *Mistakes) *bool { return &m.BreaksOnMalformed }},
		{"credits-unknown-status", "takes every status but Declined and Pending for a success", func(m *Mistakes) *bool { return &m.CreditsUnknownStatus }},
		{"credits-pending", "takes Pending for a success", func(m *Mistakes) *bool { return &m.CreditsPending }},
		{"credits-underpayment", "takes an underpayment for a payment", func(m *Mistakes) *bool { return &m.CreditsUnderpayment }},
		{"last-word-wins", "lets every webhook set the order's status, even a final one", func(m *Mistakes) *bool { return &m.LastWordWins }},
		{"first-word-wins", "takes Declined for final", func(m *Mistakes) *bool { return &m.FirstWordWins }},
		{"stores-after-call", "stores the order after the call, and ignores webhooks of unknown orders", func(m *Mistakes) *bool { return &m.StoresAfterCall }},
		{"gives-up-on-error", "fails an order when the call fails", func(m *Mistakes) *bool { return &m.GivesUpOnError }},
		{"acknowledges-everything", "answers 200 even to what it refuses", func(m *Mistakes) *bool { return &m.AcknowledgesEverything }},
		{"answers-slowly", "sends a mail before it answers", func(m *Mistakes) *bool { return &m.AnswersSlowly }},
		{"hands-tokens-on", "passes the whole answer of the API on to the browser", func(m *Mistakes) *bool { return &m.HandsTokensOn }},
		{"wrong-redirect", "reads the redirect URL from data.url for every provider", func(m *Mistakes) *bool { return &m.WrongRedirect }},
	}
}

// Classic are the default mistakes of the sample program: those that don't hide others.
func Classic() []string {
	return []string{
		"credits-on-return", "credits-twice", "ignores-secret", "uses-raw-status", "trusts-amount", "ignores-currency",
		"credits-strangers", "refuses-unknown-fields", "breaks-on-malformed", "last-word-wins",
		"gives-up-on-error", "answers-slowly", "hands-tokens-on",
	}
}

// MistakesOf selects mistakes by name. Its error lists the known names.
func MistakesOf(names ...string) (Mistakes, error) {
	m := Mistakes{SlowFor: 11 * time.Second, RaceFor: 30 * time.Millisecond}
	for _, name := range names {
		found := false
		var known []string
		for _, mistake := range AllMistakes() {
			if mistake.Name == name {
				*mistake.Set(&m), found = true, true
			}
			known = append(known, mistake.Name)
		}
		if !found {
			return m, fmt.Errorf("there is no mistake %q; there are %s%s", name, strings.Join(known, ", "), openapi.DidYouMean(name, known))
		}
	}
	return m, nil
}

package merchants

import (
	"fmt"
	"slices"
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
	made        *bool // of the Mistakes that it is listed of
}

// AllMistakes lists them.
func AllMistakes() []Mistake { return new(Mistakes).all() }

func (m *Mistakes) all() []Mistake {
	return []Mistake{
		{"credits-on-answer", "credits the order on the API's answer", &m.CreditsOnAnswer},
		{"credits-on-return", "credits the order when the shopper comes back", &m.CreditsOnReturn},
		{"fails-on-return", "fails the order when the shopper comes back to the failure page", &m.FailsOnReturn},
		{"credits-twice", "credits the order for every webhook", &m.CreditsTwice},
		{"races", "reads whether it was credited, and writes later", &m.Races},
		{"ignores-secret", "does not look at the shared secret", &m.IgnoresSecret},
		{"uses-raw-status", "decides by status instead of transaction_status", &m.UsesRawStatus},
		{"trusts-amount", "credits whatever amount the webhook has", &m.TrustsAmount},
		{"ignores-currency", "does not look at the webhook's currency", &m.IgnoresCurrency},
		{"credits-strangers", "creates an order for a transaction that it never started", &m.CreditsStrangers},
		{"ignores-transaction-id", "finds the order by merchantReference alone", &m.IgnoresTransactionID},
		{"refuses-unknown-fields", "refuses webhooks with fields that it does not know", &m.RefusesUnknownFields},
		{"breaks-on-malformed", "crashes on a webhook that is not JSON", &m.BreaksOnMalformed},
		{"credits-unknown-status", "takes every status but Declined and Pending for a success", &m.CreditsUnknownStatus},
		{"credits-pending", "takes Pending for a success", &m.CreditsPending},
		{"credits-underpayment", "takes an underpayment for a payment", &m.CreditsUnderpayment},
		{"last-word-wins", "lets every webhook set the order's status, even a final one", &m.LastWordWins},
		{"first-word-wins", "takes Declined for final", &m.FirstWordWins},
		{"stores-after-call", "stores the order after the call, and ignores webhooks of unknown orders", &m.StoresAfterCall},
		{"gives-up-on-error", "fails an order when the call fails", &m.GivesUpOnError},
		{"acknowledges-everything", "answers 200 even to what it refuses", &m.AcknowledgesEverything},
		{"answers-slowly", "sends a mail before it answers", &m.AnswersSlowly},
		{"hands-tokens-on", "passes the whole answer of the API on to the browser", &m.HandsTokensOn},
		{"wrong-redirect", "reads the redirect URL from data.url for every provider", &m.WrongRedirect},
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
	all := m.all()
	for _, name := range names {
		i := slices.IndexFunc(all, func(mistake Mistake) bool { return mistake.Name == name })
		if i < 0 {
			var known []string
			for _, mistake := range all {
				known = append(known, mistake.Name)
			}
			return m, fmt.Errorf("there is no mistake %q; there are %s%s", name, strings.Join(known, ", "), openapi.DidYouMean(name, known))
		}
		*all[i].made = true
	}
	return m, nil
}

package runner

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/fixtures"
	"mozartosim/simulator/mask"
)

// Nothing that a run keeps is a secret: no token, no card number, no security code, no PIN, no shared secret.
func TestEvidenceHasNoSecrets(t *testing.T) {
	t.Parallel()
	seen := ran(t, Config{Features: features.All(), Target: simulated(t), Name: "^(payments|authentication|approvals|webhooks/secured)"})
	for i := range seen.Features {
		seen.Features[i].Source, seen.Features[i].Description = "", "" // the features themselves name test cards
		for j := range seen.Features[i].Scenarios {
			s := &seen.Features[i].Scenarios[j]
			s.ID, s.Name, s.Steps = "", "", nil
			for k := range s.Exchanges {
				s.Exchanges[k].Label = ""
			}
			for k := range s.Webhooks {
				s.Webhooks[k].Label = ""
			}
		}
	}
	text, err := json.Marshal(seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, shape := range []string{
		`eyJ[A-Za-z0-9_-]{10,}`, `"cvv\\?":\\?"[^*]`, `"voucherPin\\?":\\?"[^*\\]`, `Bearer [^*"\\]`, `(?i)ticket=[^*]`, `[?&]token=[^*]`,
		`our-shared-secret`, `"(secretKey|apiKey|secret|xmlPassword)\\?":\\?"[^*\\]`, `access_token\\?":\\?"[^*\\]`,
	} {
		for _, found := range regexp.MustCompile(shape+`.{0,60}`).FindAllString(string(text), 3) {
			t.Errorf("%s: %s", shape, found)
		}
	}
	tables, err := fixtures.Cards()
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range regexp.MustCompile(`\d{13,19}`).FindAllString(string(text), -1) {
		known := slices.ContainsFunc(tables.Cards, func(c fixtures.Card) bool { return c.Number == number })
		if known || mask.CouldBeCard(number) && strings.Contains(string(text), `"pan\":\"`+number) {
			t.Errorf("the card number %s is kept", number)
		}
	}
}

// A failure's words are masked as well, and so is what is told while the run waits.
func TestFailuresHaveNoSecrets(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	for _, steps := range []string{
		"Given a GIGADAT PAYIN payment\n    Then the answer's \"data.paymentToken\" is \"x\"",
		"Given a GIGADAT PAYIN payment\n    Then the answer's \"data.webflowURL\" is \"x\"",
		"Given a FORUMPAY PAYOUT payment\n    Then the answer's \"data.rate\" is \"x\"",
		"Given the company's PAYONE webhooks are secured by \"our-shared-secret-1\"\n    And a PAYONE PAYIN payment\n    Then a webhook arrives\n    And the webhook has no header \"Authorization\"",
	} {
		s := only(t, ran(t, Config{Features: folder("Feature: X\n  Scenario: Y\n    " + steps), Target: target}))
		if s.Status != evidence.Failed {
			t.Fatalf("%q is %s", steps, s.Status)
		}
		words := s.Reason + s.Timeline
		s.Steps = s.Steps[:len(s.Steps)-1]
		if regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}|[?&]token=[^*]|access_token":"[^*]`).MatchString(words) || strings.Contains(words, "our-shared-secret-1") {
			t.Errorf("%q: %s", steps, words)
		}
	}
}

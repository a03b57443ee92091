package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// What a provider notifies of after an outcome: its own words, texts and times.
func TestOutcomesNotify(t *testing.T) {
	t.Parallel()
	const authorised = "AUTHORISED approved Transaction approved and successfully processed"
	for _, test := range []struct {
		psp, configuration string
		outcome            provider.Outcome
		want               string
	}{
		{"BRITE", `{}`, provider.Outcome{Action: "decline", Reason: "psu_no_funds"}, "aborted declined Transaction declined: psu_no_funds"},
		{"BRITE", `{}`, provider.Outcome{Action: "decline", Reason: "something_new"}, "failed declined Transaction declined: something_new"},
		{"BRITE", `{}`, provider.Outcome{Action: "decline"}, "failed declined Transaction declined"},
		{"WORLDPAY_EU", `{}`, provider.Outcome{Action: "approve"}, authorised + "; CAPTURED captured Transaction captured after 15m0s"},
		{"WORLDPAY_EU", `{"captureDelay":"DEFAULT"}`, provider.Outcome{Action: "approve"}, authorised + "; CAPTURED captured Transaction captured after 15m0s"},
		{"WORLDPAY_EU", `{"captureDelay":"14"}`, provider.Outcome{Action: "approve"}, authorised + "; CAPTURED captured Transaction captured after 336h15m0s"},
		{"WORLDPAY_EU", `{"captureDelay":"OFF"}`, provider.Outcome{Action: "approve"}, authorised},
		{"WORLDPAY_EU", `{}`, provider.Outcome{Action: "decline", Reason: "5"}, "REFUSED declined Transaction declined: 5"},
		{"TRUST", `{}`, provider.Outcome{Action: "decline"}, "declined declined 70000 - Decline. [05 Do not honour]"},
		{"TRUST", `{}`, provider.Outcome{Action: "decline", Reason: "60042"}, "declined declined 60042 - not enough money."},
		{"TRUST", `{}`, provider.Outcome{Action: "challenge-fail"}, "declined declined 60022 - 3-D Secure failed."},
	} {
		test.outcome.PSP = configuration(t, test.configuration)
		var got []string
		for _, n := range byCode(t, test.psp).Notifications(test.outcome, &scenario.Plan{}) {
			after := ""
			if n.After > 0 {
				after = " after " + n.After.String()
			}
			got = append(got, fmt.Sprintf("%s %s %s%s", n.Raw, n.Status, n.Message, after))
		}
		if diff := cmp.Diff(test.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s %s %s %s:\n%s", test.psp, test.configuration, test.outcome.Action, test.outcome.Reason, diff)
		}
	}
}

// What follows an approval, or ends a session, says so, whatever the provider, when a scenario writes no message.
func TestScriptedStatesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, p := range provider.All() {
		wants := map[[2]string]string{
			{"Approved", "captured"}: "Transaction captured", {"Approved", "SETTLED"}: "Transaction settled",
			{"Declined", "refunded"}: "Transaction refunded", {"Declined", "charged_back"}: "Transaction charged back",
			{"Declined", "chargebacked"}: "Transaction charged back", {"Approved", "CHARGEBACK_REVERSED"}: "Chargeback reversed",
		}
		if p.Words.Expired != p.Words.Declined {
			wants[[2]string{"Declined", p.Words.Expired}] = "Transaction expired"
		}
		for words, want := range wants {
			plan := &scenario.Plan{HasThen: true, Then: []scenario.Notification{{Status: words[0], Raw: words[1]}}}
			got := p.Notifications(provider.Outcome{Action: "approve"}, plan)[0]
			if got.Message != want || got.Status.Normalised() != words[0] {
				t.Errorf("%s %s: %s %q, want %q", p.Code, words[1], got.Status, got.Message, want)
			}
		}
	}
}

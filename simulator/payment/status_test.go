package payment_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
)

// drawn reads the picture of the legal moves out of doc.go.
func drawn(t *testing.T) map[payment.Status][]payment.Status {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	moves := map[payment.Status][]payment.Status{}
	for _, line := range regexp.MustCompile(`(?m)^//\t(\w+) +->(.*)$`).FindAllStringSubmatch(string(text), -1) {
		from := payment.Status(line[1])
		if _, twice := moves[from]; twice {
			t.Errorf("doc.go draws %s twice", from)
		}
		moves[from] = nil
		for _, to := range strings.FieldsFunc(line[2], func(r rune) bool { return r == ',' || r == ' ' }) {
			moves[from] = append(moves[from], payment.Status(to))
		}
	}
	return moves
}

// statuses are all states, by the words of the admin API.
func statuses() (all []payment.Status) {
	for _, word := range adminapi.PaymentStatuses() {
		all = append(all, payment.Status(word))
	}
	return all
}

func TestPictureEqualsCode(t *testing.T) {
	t.Parallel()
	coded := map[payment.Status][]payment.Status{}
	for _, s := range statuses() {
		coded[s] = s.Moves()
	}
	picture := drawn(t)
	if len(picture) == 0 {
		t.Fatal("doc.go has no picture")
	}
	for _, moves := range []map[payment.Status][]payment.Status{picture, coded} {
		for _, to := range moves {
			slices.Sort(to)
		}
	}
	if diff := cmp.Diff(picture, coded); diff != "" {
		t.Errorf("doc.go and the code differ (- doc.go, + code):\n%s", diff)
	}
}

// Every state but created can be reached, from created on.
func TestEveryStateCanBeReached(t *testing.T) {
	t.Parallel()
	reached, queue := map[payment.Status]bool{payment.Created: true}, []payment.Status{payment.Created}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for _, to := range from.Moves() {
			if !reached[to] {
				reached[to] = true
				queue = append(queue, to)
			}
		}
	}
	for _, s := range statuses() {
		if !reached[s] {
			t.Errorf("%s can't be reached", s)
		}
	}
	if len(reached) != len(statuses()) {
		t.Errorf("%d states can be reached, %d are listed", len(reached), len(statuses()))
	}
}

func TestNormalised(t *testing.T) {
	t.Parallel()
	want := map[payment.Status]string{
		payment.Created: "Pending", payment.AwaitingApproval: "Pending", payment.Pending: "Pending",
		payment.Approved: "Approved", payment.Captured: "Approved", payment.Settled: "Approved", payment.Reversed: "Approved",
		payment.Declined: "Declined", payment.Cancelled: "Declined", payment.Expired: "Declined",
		payment.Refunded: "Declined", payment.ChargedBack: "Declined", payment.Failed: "Declined",
	}
	got := map[payment.Status]string{}
	for _, s := range statuses() {
		got[s] = s.Normalised()
		if s.Open() != (got[s] == "Pending") {
			t.Errorf("%s is normalised to %s, and open is %t", s, got[s], s.Open())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is handed out may be changed without changing the table behind it.
func TestTablesAreCopies(t *testing.T) {
	t.Parallel()
	payment.Created.Moves()[0] = "gone"
	if payment.Created.Moves()[0] == "gone" {
		t.Error("the table itself was handed out")
	}
	if payment.Status("unheard of").May(payment.Pending) || len(payment.Status("").Moves()) != 0 {
		t.Error("an unknown state goes nowhere")
	}
}

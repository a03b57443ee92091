package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/random"
	"mozartosim/simulator/webhook"
)

func TestRetrySchedule(t *testing.T) {
	t.Parallel()
	schedule := webhook.DefaultRetrySchedule()
	want := []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
	for i, wait := range want {
		if got, ok := schedule.Next(i + 1); got != wait || !ok {
			t.Errorf("after attempt %d: %s, %v", i+1, got, ok)
		}
	}
	for _, attempt := range []int{-1, 0, 6, 1 << 40} {
		if got, ok := schedule.Next(attempt); got != 0 || ok {
			t.Errorf("after attempt %d: %s, %v", attempt, got, ok)
		}
	}
}

func TestParseRetrySchedule(t *testing.T) {
	t.Parallel()
	tests := []struct {
		texts []string
		want  webhook.RetrySchedule
		err   string
	}{
		{nil, webhook.DefaultRetrySchedule(), ""},
		{[]string{}, webhook.RetrySchedule{}, ""},
		{[]string{"5s", "1h30m", "1ms"}, webhook.RetrySchedule{5 * time.Second, 90 * time.Minute, time.Millisecond}, ""},
		{[]string{"1s", "soon"}, nil, `retry schedule entry 2: "soon" must be a duration like 30s, 2m or 1h`},
		{[]string{"0s"}, nil, "retry schedule entry 1: 0s must be between 1ms and 720h"},
		{[]string{"-1s"}, nil, "retry schedule entry 1: -1s must be between 1ms and 720h"},
		{[]string{"721h"}, nil, "retry schedule entry 1: 721h must be between 1ms and 720h"},
		{strings.Split(strings.Repeat("1s ", 33), " "), nil, "retry schedule has 34 entries and may have at most 32"},
	}
	for _, test := range tests {
		got, err := webhook.ParseRetrySchedule(test.texts)
		if !cmp.Equal(got, test.want) || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%q: %v, %v", test.texts, got, err)
		}
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	for _, test := range [][3]string{
		{"", "abc", "Bearer abc"},
		{"{secret}", "abc", "abc"},
		{"Token {secret}", "abc", "Token abc"},
		{"", "", ""},
	} {
		if got := webhook.Authorization(test[0], test[1]); got != test[2] {
			t.Errorf("%q: %q", test[:2], got)
		}
	}
	for template, ok := range map[string]bool{
		webhook.DefaultTemplate: true, "{secret}": true, "": false, "Bearer": false, "Bearer {secret}\n": false, "é {secret}": false,
	} {
		if err := webhook.CheckTemplate(template); (err == nil) != ok {
			t.Errorf("%q: %v", template, err)
		}
	}
}

func TestMaskHeaders(t *testing.T) {
	t.Parallel()
	got := webhook.MaskHeaders(webhook.Attempt{Header: http.Header{
		"authorization": {"Bearer 0123456789abcdef"}, "Cookie": {"short"}, "X-Long": {strings.Repeat("x", 2000)},
	}}.Headers())
	want := map[string]string{
		"Authorization": "Bearer ***cdef", "Content-Type": "application/json", "Cookie": "***",
		"User-Agent": webhook.UserAgent, "X-Long": strings.Repeat("x", 1024),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMutateAuth(t *testing.T) {
	t.Parallel()
	stream := func() *random.Stream { return random.New(1, "auth") }
	for _, test := range [][3]string{
		{"missing", "Bearer right", ""},
		{"", "Bearer right", "Bearer right"},
		{"wrong", "Bearer right", "Bearer wrong-" + stream().Hex(16)},
		{"wrong", "right", "wrong-" + stream().Hex(16)},
		{"wrong", "", "Bearer wrong-" + stream().Hex(16)},
		{"other-company", "Token 0123456789abcdef0123", "Token " + stream().Text(20, "abcdefghijklmnopqrstuvwxyz0123456789")},
		{"old", "Token right", "Token former"},
		{"old", "", "Token former"},
		{"other-company", "", "Bearer " + stream().Text(16, "abcdefghijklmnopqrstuvwxyz0123456789")},
	} {
		if got := webhook.MutateAuth(test[0], test[1], "Token former", stream()); got != test[2] {
			t.Errorf("%s of %q: %q, want %q", test[0], test[1], got, test[2])
		}
	}
	same := "Bearer " + stream().Text(16, "abcdefghijklmnopqrstuvwxyz0123456789")
	for _, kind := range webhook.AuthKinds() {
		if webhook.MutateAuth(kind, same, "Bearer former", stream()) == same {
			t.Errorf("%s is the right one", kind)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		got, right, old string
		want            webhook.Verdict
	}{
		{"Bearer a", "Bearer a", "Bearer b", webhook.SecretRight},
		{"Bearer b", "Bearer a", "Bearer b", webhook.SecretOld},
		{"Bearer c", "Bearer a", "Bearer b", webhook.SecretWrong},
		{"bearer a", "Bearer a", "", webhook.SecretWrong},
		{"", "Bearer a", "", webhook.SecretMissing},
		{"", "", "", webhook.SecretNotAskedFor},
		{"Bearer b", "", "Bearer b", webhook.SecretNotAskedFor},
	} {
		if got := webhook.Judge(test.got, test.right, test.old); got != test.want {
			t.Errorf("%q by %q: %s, want %s", test.got, test.right, got, test.want)
		}
	}
}

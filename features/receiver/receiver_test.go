package receiver

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What arrives goes to the mailbox of its address, or to that of all; where there is none, nobody takes it.
func TestReceiver(t *testing.T) {
	t.Parallel()
	r, err := Listen("127.0.0.1:0", "https://hooks.example/base/")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
	m := r.Open("abc")
	if m.URL != "https://hooks.example/base/abc" {
		t.Errorf("its address is %s", m.URL)
	}
	post := func(path, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		return w
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/abc/webhooks", `{"status":"x"}`, 200}, {"/abc/webhooks", "no json", 200}, {"/abc/verify-user", `{"userId":"u"}`, 200},
		{"/abd/webhooks", `{}`, 404}, {"/", `{}`, 404}, {"/abc/webhooks", strings.Repeat("x", maxWebhook+1), 400},
	} {
		if got := post(c.path, c.body); got.Code != c.status {
			t.Errorf("%s: %d %s", c.path, got.Code, got.Body)
		}
	}
	if got := post("/abc/verify-user", `{"userId":"u-7"}`).Body.String(); !strings.Contains(got, `"userId":"u-7"`) {
		t.Errorf("verify-user says %s", got)
	}
	r.Close(m)
	if got := post("/abc/webhooks", `{}`); got.Code != 404 {
		t.Errorf("a mailbox that is closed answers %d", got.Code)
	}
	all := r.OpenAll()
	if got := post("/any/where", `{}`); got.Code != 200 || all.URL != "https://hooks.example/base" {
		t.Errorf("the mailbox of all answers %d at %s", got.Code, all.URL)
	}
	if _, err := Listen("no-address", ""); err == nil {
		t.Error("it listens nowhere")
	}
}

package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/webhook"
)

func TestSend(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) != notice || r.Method != http.MethodPost || r.URL.String() != "/hooks?shop=7" {
			t.Errorf("got %s %s %s", r.Method, r.URL, body)
		}
		want := http.Header{
			"Content-Type": {"application/json"}, "User-Agent": {"Mozarto-Webhook/1.0 (mozartosim)"},
			"Content-Length": {fmt.Sprint(len(notice))}, "Authorization": {"Bearer s3cret-s3cret"},
		}
		if diff := cmp.Diff(want, r.Header); diff != "" {
			t.Errorf("headers: %s", diff)
		}
		w.Header().Set("X-Handled", "yes")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "thanks for s3cret-s3cret")
	})
	attempt := webhook.Attempt{
		URL: s.URL + "/hooks?shop=7", Body: []byte(notice),
		Header: http.Header{"authorization": {webhook.Authorization("", "s3cret-s3cret")}},
	}
	got := client(t, webhook.Config{}).Send(t.Context(), attempt)
	if !got.Delivered() || got.Status != http.StatusAccepted || got.Header["X-Handled"] != "yes" || got.Took <= 0 {
		t.Errorf("result %+v", got)
	}
	if got.Body != "thanks for ***" {
		t.Errorf("body %q: the secret that the handler repeats must be hidden", got.Body)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status    int
		delivered bool
		error     string
	}{
		{200, true, ""},
		{204, true, ""},
		{299, true, ""},
		{300, false, "answered with a redirect (300), which is not followed"},
		{301, false, "answered with a redirect (301), which is not followed"},
		{302, false, "answered with a redirect (302), which is not followed"},
		{307, false, "answered with a redirect (307), which is not followed"},
		{308, false, "answered with a redirect (308), which is not followed"},
		{400, false, ""},
		{404, false, ""},
		{500, false, ""},
		{503, false, ""},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			s := server(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.Header().Set("Location", "/elsewhere:%zz") // no URL at all: the status counts
				w.WriteHeader(test.status)
			})
			got := client(t, webhook.Config{}).Send(t.Context(), webhook.Attempt{URL: s.URL, Body: []byte(notice)})
			if got.Status != test.status || got.Delivered() != test.delivered || got.Error != test.error {
				t.Errorf("result %+v", got)
			}
			if (got.Stage == webhook.StageAfter) != (test.error != "") || calls.Load() != 1 {
				t.Errorf("stage %q, %d calls", got.Stage, calls.Load())
			}
		})
	}
}

func TestAnswerIsBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, want string
		truncated        bool
	}{
		{"just right", strings.Repeat("x", 4096), strings.Repeat("x", 4096), false},
		{"one too many", strings.Repeat("x", 4097), strings.Repeat("x", 4096), true},
		{"a mebibyte", strings.Repeat("x", 1<<20), strings.Repeat("x", 4096), true},
		{"halved character", strings.Repeat("x", 4095) + "é", strings.Repeat("x", 4095), true},
		{"a card and a token", "thanks for 4000 0000 0000 0002, token=abcdef", "thanks for 400000******0002, token=***", false},
		{"a card across the limit", strings.Repeat("x", 4085) + " 4000000000000002", strings.Repeat("x", 4085) + " 400000****", true},
		{"a card across what is read", strings.Repeat("x", 4100) + " " + strings.Repeat("4000 0000 0000 0002 ", 9), strings.Repeat("x", 4096), true},
		{"not UTF-8", "a\xff\xfeb", "a\uFFFDb", false},
		{"empty", "", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, func(w http.ResponseWriter, _ *http.Request) {
				for i := range 50 {
					w.Header().Set(fmt.Sprintf("X-%02d", i), strings.Repeat("v", 1+i*100))
				}
				w.Header().Add("A-Twice", "1")
				w.Header().Add("A-Twice", "2")
				io.WriteString(w, test.body)
			})
			got := client(t, webhook.Config{}).Send(t.Context(), webhook.Attempt{URL: s.URL, Body: []byte(notice)})
			if got.Body != test.want || got.Truncated != test.truncated || !got.Delivered() {
				t.Errorf("body of %d bytes, truncated %v, error %q", len(got.Body), got.Truncated, got.Error)
			}
			if len(got.Header) != 32 || got.Header["A-Twice"] != "1, 2" || len(got.Header["X-20"]) != 1024 {
				t.Errorf("headers %v", got.Header)
			}
			if !utf8.ValidString(got.Body) {
				t.Error("not UTF-8")
			}
		})
	}
}

// A secret that lies across the 4 KiB limit is hidden too.
func TestSecretAcrossTheLimit(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef"
	s := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Echo", "got "+secret)
		io.WriteString(w, strings.Repeat("x", 4090)+secret)
	})
	got := client(t, webhook.Config{}).Send(t.Context(), webhook.Attempt{
		URL: s.URL, Header: http.Header{"Authorization": {"Bearer " + secret}},
	})
	if strings.Contains(got.Body, secret[:6]) || !strings.HasSuffix(got.Body, "x***") || got.Header["X-Echo"] != "got ***" {
		t.Errorf("body ends in %q, header %q", got.Body[4080:], got.Header["X-Echo"])
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var ports atomic.Value
	ports.Store("")
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		ports.Store(ports.Load().(string) + r.RemoteAddr + "\n")
		io.WriteString(w, strings.Repeat("x", 100<<10))
	})
	c := client(t, webhook.Config{IdleTimeout: time.Minute})
	for range 3 {
		if got := c.Send(t.Context(), webhook.Attempt{URL: s.URL, Body: []byte(notice)}); !got.Delivered() {
			t.Fatalf("result %+v", got)
		}
	}
	seen := strings.Fields(ports.Load().(string))
	if seen[0] != seen[1] || seen[1] != seen[2] {
		t.Errorf("three connections: %v", seen)
	}
}

// The environment's proxy is none of the merchant's business.
func TestNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	s := server(t, func(http.ResponseWriter, *http.Request) {})
	c := client(t, webhook.Config{Resolver: resolver(map[string][]string{"merchant.test": {"127.0.0.1"}})})
	url := strings.Replace(s.URL, "127.0.0.1", "merchant.test", 1) // net/http exempts loopback from proxies by itself
	if got := c.Send(t.Context(), webhook.Attempt{URL: url}); !got.Delivered() {
		t.Errorf("result %+v", got)
	}
}

func TestPoolKey(t *testing.T) {
	t.Parallel()
	tests := [][2]string{
		{"http://Merchant.test:8080/a?b", "co-1 merchant.test:8080"},
		{"https://merchant.test/other", "co-1 merchant.test"},
		{":::", "co-1 :::"},
	}
	for _, test := range tests {
		if got := webhook.PoolKey("co-1", test[0]); got != test[1] {
			t.Errorf("the pool key of %s is %q, want %q", test[0], got, test[1])
		}
	}
}

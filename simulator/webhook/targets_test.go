package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/webhook"
)

// What is never dialled, written down in a URL or hidden behind a name.
func TestForbiddenTargets(t *testing.T) {
	t.Parallel()
	tests := []struct{ addr, shown, what string }{
		{"169.254.169.254", "169.254.169.254", "a cloud's metadata address"},
		{"169.254.1.1", "169.254.1.1", "a link-local address"},
		{"100.100.100.200", "100.100.100.200", "a cloud's metadata address"},
		{"168.63.129.16", "168.63.129.16", "a cloud's metadata address"},
		{"192.0.0.192", "192.0.0.192", "a cloud's metadata address"},
		{"0.1.2.3", "0.1.2.3", "an unspecified address"},
		{"224.0.0.1", "224.0.0.1", "a multicast address"},
		{"239.255.255.255", "239.255.255.255", "a multicast address"},
		{"255.255.255.255", "255.255.255.255", "the broadcast address"},
		{"fe80::1", "fe80::1", "a link-local address"},
		{"ff02::1", "ff02::1", "a multicast address"},
		{"fd00:ec2::254", "fd00:ec2::254", "a cloud's metadata address"},
		{"fd20:ce::254", "fd20:ce::254", "a cloud's metadata address"},
		{"::ffff:169.254.169.254", "169.254.169.254", "a cloud's metadata address"},
		{"64:ff9b::a9fe:a9fe", "64:ff9b::a9fe:a9fe", "a cloud's metadata address"},
		{"2002:a9fe:a9fe::1", "2002:a9fe:a9fe::1", "a cloud's metadata address"},
		{"::a9fe:a9fe", "::a9fe:a9fe", "a cloud's metadata address"},
	}
	for _, test := range tests {
		t.Run(test.addr, func(t *testing.T) {
			t.Parallel()
			// An allow-list that names it changes nothing.
			for _, allow := range [][]string{nil, {"evil.test", "0.0.0.0/0", "::/0", test.addr}} {
				c := client(t, webhook.Config{Allow: allow, Resolver: resolver(map[string][]string{"evil.test": {test.addr}})})
				literal := "http://" + test.addr
				if strings.Contains(test.addr, ":") {
					literal = "http://[" + test.addr + "]:80"
				}
				words := "target not allowed: " + test.shown + " is " + test.what
				failure{url: literal, error: words, stage: "before"}.check(t, c)
				if err := c.CheckURL(literal); err == nil || err.Error() != words {
					t.Errorf("CheckURL: %v", err)
				}
				hidden := "http://evil.test/"
				if err := c.CheckURL(hidden); err != nil {
					t.Errorf("CheckURL: %v", err)
				}
				failure{url: hidden, error: "target not allowed: evil.test is " + test.shown + ", " + test.what, stage: "before"}.check(t, c)
			}
		})
	}
	failure{url: "http://[fe80::1%25lo]:80", error: "target not allowed: fe80::1 is a link-local address", stage: "before"}.check(t, client(t, webhook.Config{}))
}

// An unspecified address reaches this machine, and is judged so.
func TestUnspecifiedTargets(t *testing.T) {
	t.Parallel()
	s := server(t, func(http.ResponseWriter, *http.Request) {})
	port := s.URL[strings.LastIndex(s.URL, ":")+1:]
	names := resolver(map[string][]string{"zero.test": {"0.0.0.0"}})
	for _, host := range []string{"0.0.0.0", "[::ffff:0.0.0.0]", "zero.test"} {
		url := "http://" + host + ":" + port
		for _, allow := range [][]string{nil, {"127.0.0.1"}, {"127.0.0.0/8"}} {
			if got := client(t, webhook.Config{Allow: allow, Resolver: names}).Send(t.Context(), webhook.Attempt{URL: url}); !got.Delivered() && (allow == nil || host != "zero.test") {
				t.Errorf("%s with %q: %s", host, allow, got.Error)
			}
		}
		for _, allow := range [][]string{{"10.0.0.0/8"}, {"0.0.0.0/32"}, {"0.0.0.0"}} {
			if got := client(t, webhook.Config{Allow: allow, Resolver: names}).Send(t.Context(), webhook.Attempt{URL: url}); got.Delivered() || !strings.Contains(got.Error, "not on the list") {
				t.Errorf("%s with %q: %+v", host, allow, got)
			}
		}
	}
	c := client(t, webhook.Config{Allow: []string{"10.0.0.0/8"}})
	failure{url: "http://[::]:80", error: "target not allowed: [::1]:80 is not on the list of webhook targets (10.0.0.0/8)", stage: "before"}.check(t, c)
}

// A name that changes its address between two attempts gets past nothing.
func TestRebinding(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	url := strings.Replace(s.URL, "127.0.0.1", "evil.test", 1)
	c := client(t, webhook.Config{Resolver: resolver(map[string][]string{"evil.test": {"127.0.0.1", "169.254.169.254"}})})
	if got := c.Send(t.Context(), webhook.Attempt{URL: url}); !got.Delivered() {
		t.Fatalf("result %+v", got)
	}
	failure{url: url, error: "target not allowed: evil.test is 169.254.169.254, a cloud's metadata address", stage: "before"}.check(t, c)
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	c := client(t, webhook.Config{})
	for _, url := range []string{
		"http://localhost:9090/x", "https://merchant.test", "http://127.0.0.1", "http://[::1]:80", "http://10.0.0.5", "http://192.168.1.1",
		"http://[fd12::1]/", "http://172.16.0.1:65535", "HTTP://Merchant.Test/a?b#c",
	} {
		if err := c.CheckURL(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	for url, want := range map[string]string{
		"":                       `"" must be a URL like https://merchant.example/webhooks`,
		"/hooks":                 `"/hooks" must be a URL like https://merchant.example/webhooks`,
		"http://":                `"http://" must be a URL like https://merchant.example/webhooks`,
		"http://a b":             `"http://a b" must be a URL like https://merchant.example/webhooks`,
		"ftp://merchant.test":    `"ftp://merchant.test" must begin with http:// or https://`,
		"file://merchant.test/x": `"file://merchant.test/x" must begin with http:// or https://`,
		"http://merchant.test:0": `"http://merchant.test:0" has a port that is not between 1 and 65535`,
		"http://m.test:65536":    `"http://m.test:65536" has a port that is not between 1 and 65535`,
		"http://u:p@m.test":      "a webhook's URL carries no user and password: use isWebhookSecured",
	} {
		if err := c.CheckURL(url); err == nil || err.Error() != "target not allowed: "+want {
			t.Errorf("%q: %v, want %s", url, err, want)
		}
	}
}

func TestAllowList(t *testing.T) {
	t.Parallel()
	s := server(t, func(http.ResponseWriter, *http.Request) {})
	port := s.URL[strings.LastIndex(s.URL, ":")+1:]
	names := map[string][]string{"merchant.test": {"127.0.0.1"}, "a.merchant.test": {"127.0.0.1"}, "b.a.merchant.test": {"127.0.0.1"}, "evilmerchant.test": {"127.0.0.1"}}
	tests := []struct {
		allow, hosts, refused string // separated by blanks
	}{
		{"merchant.test", "merchant.test MERCHANT.test merchant.test.", "a.merchant.test 127.0.0.1"},
		{"Merchant.Test.:" + port, "merchant.test", "a.merchant.test"},
		{"merchant.test:1", "", "merchant.test"},
		{"*.merchant.test", "a.merchant.test b.a.merchant.test", "merchant.test evilmerchant.test"},
		{"*.merchant.test:" + port, "a.merchant.test", "merchant.test"},
		{"127.0.0.0/8", "127.0.0.1 merchant.test", ""},
		{"::ffff:127.0.0.1", "127.0.0.1", "merchant.test"},
		{"10.0.0.0/8 fd00::/8", "", "127.0.0.1 merchant.test"},
		{"10.0.0.0/8 *.merchant.test", "a.merchant.test", "merchant.test"},
		{"127.0.0.1:" + port, "127.0.0.1", "merchant.test"},
		{"[::1]:80", "", "127.0.0.1"},
		{"::1", "", "127.0.0.1"},
	}
	for _, test := range tests {
		t.Run(test.allow, func(t *testing.T) {
			t.Parallel()
			c := client(t, webhook.Config{Allow: strings.Fields(test.allow), Resolver: resolver(names), Timeout: time.Minute})
			for _, host := range strings.Fields(test.hosts) {
				url := "http://" + host + ":" + port
				if err := c.CheckURL(url); err != nil {
					t.Error(err)
				}
				if got := c.Send(t.Context(), webhook.Attempt{URL: url}); !got.Delivered() {
					t.Errorf("%s: %s", host, got.Error)
				}
			}
			for _, host := range strings.Fields(test.refused) {
				words := "target not allowed: " + host + ":" + port + " is not on the list of webhook targets (" + strings.Join(strings.Fields(test.allow), ", ") + ")"
				failure{url: "http://" + host + ":" + port, error: words, stage: "before"}.check(t, c)
			}
		})
	}
	for _, entry := range []string{"", "*", "*.", "*merchant.test", "a.*.test", "10.0.0.0/33", "http://merchant.test", "merchant.test:", "merchant.test:x", "merchant.test:0", "a b", ".merchant.test", "u@merchant.test"} {
		if _, err := webhook.NewClient(webhook.Config{Allow: []string{entry}}); err == nil || !strings.Contains(err.Error(), "must be") {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

func FuzzAllow(f *testing.F) {
	for _, seed := range []string{"merchant.test", "*.merchant.test:8080", "10.0.0.0/8", "[::1]:80", "::1", "fe80::1%eth0"} {
		f.Add(seed, "http://merchant.test:8080")
	}
	f.Fuzz(func(t *testing.T, entry, url string) {
		c, err := webhook.NewClient(webhook.Config{Allow: []string{entry}})
		if err != nil {
			return
		}
		if err := c.CheckURL(url); err == nil && (strings.Contains(url, "169.254.169.254") && strings.HasPrefix(url, "http://169.254.169.254/")) {
			t.Errorf("%q let %q through", entry, url)
		}
	})
}

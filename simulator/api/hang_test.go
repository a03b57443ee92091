package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/api"
	"mozartosim/simulator/clock"
)

// gateway is what a caller gets whose x-user-token can't be decoded: the gateway's page, not JSON.
var gateway = answer{504, "text/html", `<html>
<head><title>504 Gateway Time-out</title></head>
<body>
<center><h1>504 Gateway Time-out</h1></center>
</body>
</html>
`}

// later is a call on its way.
type later struct {
	answer answer
	header http.Header
}

func start(h http.Handler, r *http.Request) <-chan later {
	done := make(chan later, 1)
	go func() {
		got, header := ask(h, r)
		done <- later{got, header}
	}()
	return done
}

func TestHangOnAManualClock(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
	got, header := ask(door(undecodable(c), nil), post(`{}`))
	if diff := cmp.Diff(gateway, got); diff != "" {
		t.Error(diff)
	}
	if delay := header.Get(api.VirtualDelay); delay != "30s" {
		t.Errorf("%s is %q, want 30s", api.VirtualDelay, delay)
	}
}

// On a real clock the call is held; setting the clock to manual lets it go.
func TestHangOnARealClock(t *testing.T) {
	t.Parallel()
	c := undecodable(clock.New())
	c.asked = make(chan struct{})
	call := start(door(c, func(c *api.Config) { c.Hang = time.Hour }), post(`{}`))
	<-c.asked
	select {
	case got := <-call:
		t.Fatalf("answered at once: %+v", got)
	default:
	}
	if err := c.clock.Set(clock.Manual, 0); err != nil {
		t.Fatal(err)
	}
	if got := <-call; got.answer != gateway || got.header.Get(api.VirtualDelay) != "1h0m0s" {
		t.Errorf("got %+v", got)
	}
}

func TestHangEndsByItself(t *testing.T) {
	t.Parallel()
	got, header := ask(door(undecodable(clock.New()), func(c *api.Config) { c.Hang = time.Millisecond }), post(`{}`))
	if got != gateway || header.Get(api.VirtualDelay) != "" {
		t.Errorf("got %+v, with a virtual delay of %q", got, header.Get(api.VirtualDelay))
	}
}

func TestHangEndsWhenTheCallerLeaves(t *testing.T) {
	t.Parallel()
	c := undecodable(clock.New())
	c.asked = make(chan struct{}, 2)
	h := door(c, func(c *api.Config) { c.Hang = time.Hour })
	for range 2 { // and frees its place for the next
		ctx, leave := context.WithCancel(t.Context())
		call := start(h, post(`{}`).WithContext(ctx))
		<-c.asked
		leave()
		<-call
	}
}

// No more calls hang than MaxHanging: the others get the same answer at once, so that they can't use the process up.
func TestHangIsBounded(t *testing.T) {
	t.Parallel()
	for _, most := range []int{0, 1, 3} { // 0 counts as 1
		c := undecodable(clock.New())
		c.asked = make(chan struct{})
		h := door(c, func(c *api.Config) { c.Hang, c.MaxHanging = time.Hour, most })
		var hanging []<-chan later
		for range max(1, most) {
			hanging = append(hanging, start(h, post(`{}`)))
			<-c.asked // its place is taken before it asks for the clock
		}
		for range 5 {
			if got, header := ask(h, post(`{}`)); got != gateway || header.Get(api.VirtualDelay) != "" {
				t.Errorf("one call too many got %+v", got)
			}
		}
		if err := c.clock.Set(clock.Manual, 0); err != nil {
			t.Fatal(err)
		}
		for _, call := range hanging {
			<-call
		}
		c.asked = nil
		if got, header := ask(h, post(`{}`)); got != gateway || header.Get(api.VirtualDelay) == "" {
			t.Errorf("once there is room again: %+v", got)
		}
	}
}

// The page comes in one piece with the right length over a real connection too.
func TestHangOverTheNetwork(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(door(undecodable(clock.NewManual(time.Unix(0, 0))), nil))
	defer server.Close()
	got, header := over(t, server, `{}`)
	if got != gateway || header.Get("Content-Length") != strconv.Itoa(len(gateway.Body)) {
		t.Errorf("got %+v, Content-Length %s", got, header.Get("Content-Length"))
	}
}

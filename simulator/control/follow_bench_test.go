package control_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

const payin = `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00,"currency":"CAD","currencyCode":"CAD","userId":"user-1001",` +
	`"email":"jane.doe@example.com","firstName":"Jane","lastName":"Doe","phone":"4165550123","merchantReference":"order-1"}`

// caller makes payments of one company.
type caller struct {
	client *http.Client
	tokens adminapi.Tokens
}

func (c *caller) pay(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.tokens.URL, strings.NewReader(payin))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.tokens.Company)
	r.Header.Set("X-User-Token", "Bearer "+c.tokens.User)
	answer, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	return err
}

func newCaller(tb testing.TB, company *adminapi.CompanyClient) *caller {
	tokens, err := company.Tokens(tb.Context(), "")
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	tb.Cleanup(transport.CloseIdleConnections)
	return &caller{&http.Client{Transport: transport}, tokens}
}

// callsAlone is how many background calls are made before the company's own begin.
const callsAlone = 150

// BenchmarkPublicPathWhileClientsFollow measures the public path of one company while clients follow another company, in which
// 100 events happen each second. cpu% is the share of one core that the process uses with the calls left out.
func BenchmarkPublicPathWhileClientsFollow(b *testing.B) {
	for _, followers := range []int{0, 1000} {
		b.Run(fmt.Sprintf("followers=%d", followers), func(b *testing.B) {
			sim := simtest.Start(b, simtest.ManualShopper())
			ctx, stop := context.WithCancel(b.Context())
			var running sync.WaitGroup
			b.Cleanup(func() { stop(); running.Wait() })
			received := followAll(ctx, b, sim, followers, &running)
			background := newCaller(b, sim.Demo)
			alone := make(chan struct{})
			running.Go(func() {
				tick := time.NewTicker(30 * time.Millisecond) // a call makes three events
				defer tick.Stop()
				for n := 1; ; n++ {
					select {
					case <-tick.C:
						_ = background.pay(ctx)
						if n == callsAlone {
							close(alone)
						}
					case <-ctx.Done():
						return
					}
				}
			})
			share := cpuShare(alone)
			if followers > 0 && received.Load() == 0 {
				b.Error("no client received an event")
			}

			company, err := sim.Client.CreateCompany(ctx, adminapi.CompanyInput{
				Name:  "other",
				PSPs:  map[string]map[string]any{"PAYONE": {"accountName": "other", "apiKey": "key-of-payone", "webhookUrl": sim.Company.PSPs["PAYONE"].Text("webhookUrl"), "siteUrl": "https://shop.example"}},
				Rules: []adminapi.RuleInput{{PSP: "PAYONE"}},
			})
			if err != nil {
				b.Fatal(err)
			}
			shop := newCaller(b, sim.Client.Company(company.ID))
			b.SetParallelism(8)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := shop.pay(ctx); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.StopTimer()
			b.ReportMetric(100*share, "cpu%")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
		})
	}
}

// followAll makes clients that follow the demo company, each over a connection of its own, and counts what they receive.
func followAll(ctx context.Context, b *testing.B, sim *simtest.Sim, n int, running *sync.WaitGroup) *atomic.Int64 {
	transport := &http.Transport{}
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	var received atomic.Int64
	for range n {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, sim.AdminURL+"/v1/events", nil)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		running.Go(func() {
			defer answer.Body.Close()
			buffer := make([]byte, 32<<10)
			for {
				n, err := answer.Body.Read(buffer)
				received.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
	}
	return &received
}

// cpuShare is how much of one core the process uses until a channel is closed.
func cpuShare(until <-chan struct{}) float64 {
	used := func() time.Duration {
		var usage syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	before, begun := used(), time.Now()
	<-until
	return float64(used()-before) / float64(time.Since(begun))
}

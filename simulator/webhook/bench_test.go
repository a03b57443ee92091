package webhook_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"mozartosim/simulator/webhook"
)

// An attempt against what a bare net/http client takes for the same body and target.
func BenchmarkSend(b *testing.B) {
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	b.Cleanup(sink.Close)
	b.Run("attempt", func(b *testing.B) {
		c, err := webhook.NewClient(webhook.Config{})
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		for b.Loop() {
			if got := c.Send(b.Context(), webhook.Attempt{URL: sink.URL, Body: []byte(notice)}); !got.Delivered() {
				b.Fatalf("%+v", got)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			answer, err := http.Post(sink.URL, "application/json", bytes.NewReader([]byte(notice)))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		http.DefaultClient.CloseIdleConnections()
	})
}

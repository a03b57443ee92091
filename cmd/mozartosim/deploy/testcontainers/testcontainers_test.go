package testcontainers_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"

	containers "github.com/testcontainers/testcontainers-go"

	"mozartosim/simulator/adminapi"
	"mozartosim/testcontainers"
)

func ExampleStart() {
	ctx := context.Background()
	handler, err := net.Listen("tcp", ":0") // yours
	if err != nil {
		log.Panic(err)
	}
	go func() {
		_ = http.Serve(handler, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { fmt.Println("webhook, " + r.Header.Get("Authorization")) }))
	}()
	simulator, err := testcontainers.Start(ctx, testcontainers.ManualClock(),
		testcontainers.Handler(handler.Addr().(*net.TCPAddr).Port, "/webhooks/mozarto", "a-secret"))
	defer func() { _ = containers.TerminateContainer(simulator) }()
	if err != nil {
		log.Panic(err)
	}
	company := simulator.Client.Company("") // the first
	tokens, err := company.Tokens(ctx, "")
	if err != nil {
		log.Panic(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, tokens.URL, strings.NewReader(
		`{"pspType": "TRUST", "type": "PAYIN", "baseamount": 12.5, "currency": "GBP", "userId": 52211}`))
	if err != nil {
		log.Panic(err)
	}
	request.Header = http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Bearer " + tokens.Company}, "X-User-Token": {"Bearer " + tokens.User},
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Panic(err)
	}
	defer answer.Body.Close()
	if _, err := company.Advance(ctx, adminapi.AdvanceInput{Until: "idle"}); err != nil { // the shopper pays, the webhook arrives
		log.Panic(err)
	}
	list, err := company.Payments(ctx, adminapi.PaymentQuery{})
	if err != nil {
		log.Panic(err)
	}
	fmt.Println(answer.StatusCode, list.Payments[0].Status, strings.HasPrefix(tokens.URL, simulator.URL))
	// Output:
	// webhook, Bearer a-secret
	// 200 approved true
}

package adminapi_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

// startSimulator starts a simulator in this process.
func startSimulator() (url string, stop func()) {
	sim, err := simtest.Open(simtest.Default())
	if err != nil {
		log.Fatal(err)
	}
	return sim.AdminURL, func() {
		if err := sim.Close(); err != nil {
			log.Fatal(err)
		}
	}
}

// pay makes a payment as a merchant's program would.
func pay(tokens adminapi.Tokens, reference string) {
	body := strings.NewReader(`{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00,"currency":"CAD","currencyCode":"CAD",` +
		`"userId":"user-1001","email":"jane.doe@example.com","firstName":"Jane","lastName":"Doe","phone":"4165550123",` +
		`"merchantReference":"` + reference + `"}`)
	r, err := http.NewRequest(http.MethodPost, tokens.URL, body)
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+tokens.Company)
	r.Header.Set("x-user-token", "Bearer "+tokens.User)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	answer.Body.Close()
}

// A test makes a payment, moves the clock to the end of all that follows, and asserts what came of it.
func Example() {
	url, stop := startSimulator()
	defer stop()
	ctx := context.Background()
	shop := adminapi.New(url, "").Company("") // the demo company

	tokens, err := shop.Tokens(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	pay(tokens, "order-1001")
	if _, err := shop.Advance(ctx, adminapi.AdvanceInput{Until: "idle"}); err != nil {
		log.Fatal(err)
	}
	result, err := shop.Verify(ctx, adminapi.VerifyInput{Received: adminapi.Expectation{Status: "approved", Count: adminapi.Exactly(1)}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Passed, result.Description)
	// Output: true 1 payment matches
}

func ExampleCompanyClient_Wait() {
	url, stop := startSimulator()
	defer stop()
	ctx := context.Background()
	shop := adminapi.New(url, "").Company("")
	tokens, err := shop.Tokens(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	pay(tokens, "order-1001")
	result, err := shop.Wait(ctx, adminapi.WaitInput{Condition: `payment.merchantReference == "order-1001"`, Timeout: "5s"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Met, result.Payment.Status, result.Payment.Amount, result.Payment.Currency)
	// Output: true pending 100 CAD
}

func ExampleScenarios_Override() {
	url, stop := startSimulator()
	defer stop()
	ctx := context.Background()
	shop := adminapi.New(url, "").Company("")
	if _, err := shop.Scenarios().Override(ctx, adminapi.OverrideInput{Scenario: map[string]any{
		"match":   map[string]any{"psp": "PAYONE"},
		"shopper": map[string]any{"action": "decline"},
	}}); err != nil {
		log.Fatal(err)
	}
	tokens, err := shop.Tokens(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	pay(tokens, "order-1001")
	result, err := shop.Advance(ctx, adminapi.AdvanceInput{Until: "idle"})
	if err != nil {
		log.Fatal(err)
	}
	for _, job := range result.Jobs {
		fmt.Println(job.Kind)
	}
	list, err := shop.Payments(ctx, adminapi.PaymentQuery{MerchantReference: "order-1001"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.Payments[0].Status)
	// Output:
	// decision
	// attempt
	// declined
}

func ExampleError() {
	url, stop := startSimulator()
	defer stop()
	_, err := adminapi.New(url, "").CreateCompany(context.Background(), adminapi.CompanyInput{Name: "#1"})
	var refused *adminapi.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Status, refused.Code, len(refused.Problems))
	}
	// Output: 400 invalid 1
}

// Command correct is a sample shop that handles payments and webhooks as the vendor asks merchants to.
package main

import (
	"context"
	"net/http"
	"os"

	"mozartosim/features/merchants"
)

func main() {
	os.Exit(merchants.Program(context.Background(), "correct", os.Args[1:], os.Stderr, nil, func(c merchants.Config) (http.Handler, error) {
		return merchants.Correct(c), nil
	}))
}

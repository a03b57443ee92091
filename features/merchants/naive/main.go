// Command naive is a sample shop that makes the classic mistakes, or those of --mistakes.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"

	"mozartosim/features/merchants"
)

func main() {
	var chosen *string
	flags := func(f *flag.FlagSet) {
		chosen = f.String("mistakes", strings.Join(merchants.Classic(), ","), "which mistakes it makes, with commas between them:\n"+list())
	}
	os.Exit(merchants.Program(context.Background(), "naive", os.Args[1:], os.Stderr, flags, func(c merchants.Config) (http.Handler, error) {
		var names []string
		if *chosen != "" {
			names = strings.Split(*chosen, ",")
		}
		mistakes, err := merchants.MistakesOf(names...)
		return merchants.Naive(c, mistakes), err
	}))
}

func list() string {
	var text strings.Builder
	for _, m := range merchants.AllMistakes() {
		fmt.Fprintf(&text, "  %s: %s\n", m.Name, m.Description)
	}
	return text.String()
}

package backoffice

import (
	_ "embed"
	"fmt"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// DefaultSeed is the seed of a simulator that was given none, so that the demo company's credentials are the same on
// every start.
const DefaultSeed uint64 = 1

// InboxURL stands for the built-in inbox wherever a webhookUrl is asked for.
const InboxURL = adminapi.InboxURL

// DemoName is the name of the company that is there without any configuration.
const DemoName = "demo"

//go:embed demo.yaml
var demoFile []byte

// Demo makes the company that is there without any configuration: all ten providers, a rule for each, one user. Its id
// and credentials come from the Directory's seed. Webhooks go to webhookURL.
func Demo(reader Reader, webhookURL string) (Company, error) {
	y, err := openapi.DecodeYAML("demo.yaml", []byte(strings.ReplaceAll(string(demoFile), "$WEBHOOK_URL", webhookURL)))
	if err != nil {
		return Company{}, fmt.Errorf("demo company: %w", err)
	}
	c, err := reader.Company(y.Document)
	if err != nil {
		return Company{}, fmt.Errorf("demo company: %w", err)
	}
	return c, nil
}

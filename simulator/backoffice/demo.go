package backoffice

import (
	_ "embed"
	"fmt"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// DefaultSeed is the seed of a simulator without another one, so that the demo company's credentials are the same on every
// start.
const DefaultSeed uint64 = 1

// InboxURL is the webhookUrl of the built-in inbox.
const InboxURL = adminapi.InboxURL

// ShopURL stands for the demo shop wherever a siteUrl is asked for: shoppers find it under the address by which they reach the
// hosted pages, at DemoPath.
const ShopURL = "http://shop.mozartosim.internal"

// DemoPath is where the public listener has the demo company's shop.
const DemoPath = "/demo"

// DemoName is the name of the company that exists without any configuration.
const DemoName = "demo"

//go:embed demo.yaml
var demoFile []byte

// Demo makes the company that exists without any configuration: every provider, a rule for each, one user. Its id and
// credentials come from the Directory's seed. Webhooks go to webhookURL, and carry the secret unless it is "".
func Demo(reader Reader, url, secret string) (Company, error) {
	y, err := openapi.DecodeYAML("demo.yaml", []byte(strings.NewReplacer("$WEBHOOK_URL", url, "$SITE_URL", ShopURL).Replace(string(demoFile))))
	if err != nil {
		return Company{}, fmt.Errorf("demo company: %w", err)
	}
	read := reader.Company
	if url == InboxURL && secret == "" { // nothing in it is the user's: a test holds it against the contract, not each start
		read = unchecked
	}
	for _, configuration := range y.Object("psps") {
		if fields, ok := configuration.(map[string]any); ok && secret != "" && fields[webhookURL] != nil {
			fields["isWebhookSecured"], fields[webhookSecret] = true, secret
		}
	}
	c, err := read(y.Document)
	if err != nil {
		return Company{}, fmt.Errorf("demo company: %w", err)
	}
	return c, nil
}

// unchecked makes a company of a document that is right, whose configurations are complete.
func unchecked(doc openapi.Document) (Company, error) {
	psps := map[string]PSP{}
	for code, configuration := range doc.Object("psps") {
		if fields, ok := configuration.(map[string]any); ok {
			psps[code] = NewPSP(openapi.Document{Fields: fields}, "")
		}
	}
	return assemble(doc, psps)
}

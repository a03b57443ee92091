package mcp

import (
	"context"
	"net/http"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/docs"
)

// Config is what a server works with.
type Config struct {
	Operator
	Admin   *adminapi.Client
	Company string            // of tools that name none, by id or name; "" = the demo company
	Cashier http.RoundTripper // makes the merchant's calls; nil = the network
	Guides  []docs.Guide
	Version string
}

// Operator is what whoever starts the server allows and adds.
type Operator struct {
	ReadOnly bool // tools that change something are not offered
	// Harness runs features of the contract, as `mozartosim contract` and `mozartosim certify` do; nil = its tools are not offered.
	Harness *Harness
	Steps   func() string // the steps of features, in words; nil = none
}

type server struct {
	Config
	*sdk.Server
}

// effect is what a tool does to the simulator.
type effect int

const (
	reads    effect = iota
	adds            // and takes nothing away
	replaces        // or takes away what was there
)

// Of names the company of a tool's call.
type Of struct {
	Company string `json:"company,omitempty" jsonschema:"the company, by id or name; leave it out for the usual one"`
}

func (o Of) company() string { return o.Company }

// words are the values of a tool's fields that take no others.
type words map[string][]string

// tool adds a tool, unless it changes something that is only to be read. do gets the company of the call.
func tool[In interface{ company() string }](s *server, name, title, description string, does effect, only words, do func(context.Context, *adminapi.CompanyClient, In) (any, error)) {
	if s.ReadOnly && does != reads {
		return
	}
	schema, err := jsonschema.For[In](nil)
	if err != nil {
		panic(err) // a field's type is none of JSON
	}
	for field, values := range only {
		for _, value := range values {
			schema.Properties[field].Enum = append(schema.Properties[field].Enum, value)
		}
	}
	destroys, open := does == replaces, false
	sdk.AddTool(s.Server, &sdk.Tool{
		Name: name, Title: title, Description: description, InputSchema: schema,
		Annotations: &sdk.ToolAnnotations{Title: title, ReadOnlyHint: does == reads, DestructiveHint: &destroys, OpenWorldHint: &open},
	}, func(ctx context.Context, r *sdk.CallToolRequest, in In) (*sdk.CallToolResult, any, error) {
		if exact, ok := any(&in).(interface{ read(text []byte) error }); ok {
			if err := exact.read(r.Params.Arguments); err != nil {
				return nil, nil, err
			}
		}
		company := in.company()
		if company == "" {
			company = s.Company
		}
		out, err := do(ctx, s.Admin.Company(company), in)
		return nil, out, err
	})
}

// list is a page of something; Next is where the next one begins.
type list[T any] struct {
	Found []T    `json:"found"`
	Next  string `json:"next,omitempty"`
}

func listed[T any](found []T, next string) list[T] {
	return list[T]{append([]T{}, found...), next}
}

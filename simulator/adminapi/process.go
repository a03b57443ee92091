package adminapi

import (
	"encoding/json"
)

// Version names the simulator's version and those of its contracts.
type Version struct {
	Version   string `json:"version"`
	Contracts struct {
		Cashier string `json:"cashier"`
		Control string `json:"control"`
	} `json:"contracts"`
}

// PublicURL is the URL by which merchants and browsers reach the Cashier API and the hosted pages.
type PublicURL struct {
	URL   string `json:"url"`
	Fixed bool   `json:"fixed"` // whether it was set; if not, redirect URLs follow each call's Host
}

// ResetResult says what a reset of the process dropped.
type ResetResult struct {
	Payments int      `json:"payments"`
	Deleted  []string `json:"deleted"`  // names of companies that the API had created
	Restored []string `json:"restored"` // names of configured companies that had been changed or deleted
}

// Provider is a payment provider and what it can do.
type Provider struct {
	PSP           string          `json:"psp"`
	Name          string          `json:"name"`
	Page          string          `json:"page,omitempty"` // kind of its hosted page: crypto, bank, card or step-up
	Voucher       bool            `json:"voucher,omitempty"`
	Retries       bool            `json:"retries,omitempty"` // a declined card shows the form again
	Webhook       bool            `json:"webhook"`
	Actions       []string        `json:"actions"` // shopper actions that end its payments
	Reasons       []string        `json:"reasons"` // its own reasons for declining
	Flows         []Flow          `json:"flows"`
	Configuration []ContractField `json:"configuration"`
}

// Flow is a provider's pay-in or pay-out; request, answer and webhook are names of schemas of the Cashier API's contract.
type Flow struct {
	Type      string      `json:"type"`
	Variant   string      `json:"variant,omitempty"`
	Request   string      `json:"request"`
	Answer    string      `json:"answer"`
	Webhook   string      `json:"webhook,omitempty"`
	Redirect  string      `json:"redirect,omitempty"`  // dotted path of the redirect URL in the answer
	UserToken string      `json:"userToken,omitempty"` // "required" when only x-user-token identifies the user
	Rules     []NamedRule `json:"rules"`
}

// ExampleRequest is a valid request of the Cashier API.
type ExampleRequest struct {
	Name    string          `json:"name"`
	Kind    string          `json:"kind"` // minimal, full, generated, or what is special about it
	Request json.RawMessage `json:"request"`
}

// Ledger lists the rules of the Cashier API's contract.
type Ledger struct {
	Counts  map[string]int `json:"counts"` // of the whole contract, by basis
	Entries []LedgerEntry  `json:"entries"`
}

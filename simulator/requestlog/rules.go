package requestlog

import (
	"cmp"
	"sync"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// Rules finds how a rule of the contract is known and what it says, by its id in the ledger.
func Rules(contract *openapi.Contract) func(id string) (how adminapi.Provenance, expected string, known bool) {
	ledger := sync.OnceValue(func() map[string]openapi.Entry { return openapi.ByID(contract.Ledger()) })
	return func(id string) (adminapi.Provenance, string, bool) {
		e, known := ledger()[id]
		how := adminapi.Provenance{Basis: string(e.Provenance.Basis), Source: e.Provenance.Source, Note: e.Provenance.Note}
		return how, cmp.Or(e.Expected, e.Description), known
	}
}

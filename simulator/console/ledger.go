package console

import "mozartosim/simulator/adminapi"

type ledgerView struct {
	list
	adminapi.Ledger
}

func ledger(r *request) (*page, error) {
	v := ledgerView{list: r.newList("basis", "psp", "q")}
	p := &page{template: "ledger", title: "Contract ledger", nav: "ledger"}
	var err error
	v.Ledger, err = r.api.Ledger(r.Context(), adminapi.LedgerQuery{Basis: v.Filter("basis"), PSP: v.Filter("psp"), Search: v.Filter("q")})
	if err := p.filtered(r, err); err != nil {
		return nil, err
	}
	p.data = v
	return p, nil
}

package pages

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
)

// browser matches a page that a browser asks for. To everybody else the address stays unknown, as the API's contract has it.
func browser(r *http.Request, _ *mux.RouteMatch) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (p *pages) showFront(w http.ResponseWriter, r *http.Request) {
	f := &front{Cashier: p.Base.Of(r) + openapi.CashierPath}
	if p.Shop != nil && len(p.Shop.Checkouts()) > 0 {
		f.Shop = attributes("href", p.Base.Prefix()+backoffice.DemoPath)
	}
	if p.Console != "" {
		f.Console, f.Docs = attributes("href", p.Console+"/"), attributes("href", p.Console+"/docs")
	}
	p.render(w, r, http.StatusOK, &view{
		State: stateFront, Title: "A simulator of payments", Front: f,
		Data: attributes("class", "skin-none", "data-testid", "page", "data-state", string(stateFront)),
	})
}

package merchants

import (
	"encoding/json"
	"net/http"

	"mozartosim/simulator/money"
)

// endpoints are the HTTP endpoints of a shop.
type endpoints struct {
	start, webhook, returns http.HandlerFunc
	orders                  *orderStore
}

func (e endpoints) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", e.start)
	mux.HandleFunc("POST /webhook", e.webhook)
	mux.HandleFunc("GET /payment/{result}", e.returns)
	mux.HandleFunc("GET /orders/{reference}", e.probe)
	return mux
}

// probe shows an order: {"status": "paid", "credited": "25.00"}.
func (e endpoints) probe(w http.ResponseWriter, r *http.Request) {
	o, ok := e.orders.read(r.PathValue("reference"))
	if !ok {
		write(w, http.StatusNotFound, map[string]string{"error": errNoOrder.Error()})
		return
	}
	write(w, http.StatusOK, map[string]string{"status": o.Status, "credited": o.Credited.Fixed(2)})
}

// startRequest is the body of POST /start.
type startRequest struct {
	PSP       string `json:"psp"`
	Type      string `json:"type"`
	Variant   string `json:"variant"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Reference string `json:"reference"`
}

// readOrder reads the order of a request to start, or answers why it can't.
func readOrder(w http.ResponseWriter, r *http.Request) (order, bool) {
	var in startRequest
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in)
	amount, bad := money.Parse(in.Amount, 2)
	if err != nil || bad != nil || in.Reference == "" {
		write(w, http.StatusBadRequest, map[string]string{"error": "psp, type, amount, currency and reference are needed"})
		return order{}, false
	}
	return order{Reference: in.Reference, PSP: in.PSP, Type: in.Type, Variant: in.Variant, Amount: amount, Currency: in.Currency}, true
}

// write answers with JSON.
func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone
}

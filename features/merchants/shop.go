package merchants

import (
	"encoding/json"
	"net/http"

	"mozartosim/simulator/money"
)

// endpoints are the HTTP endpoints of a shop.
func endpoints(orders *orderStore, start, webhook, returns http.HandlerFunc) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", start)
	mux.HandleFunc("POST /webhook", webhook)
	mux.HandleFunc("GET /payment/{result}", returns)
	mux.HandleFunc("GET /orders/{reference}", orders.probe)
	return mux
}

// probe shows an order: {"status": "paid", "credited": "25.00"}.
func (s *orderStore) probe(w http.ResponseWriter, r *http.Request) {
	o, ok := s.read(r.PathValue("reference"))
	if !ok {
		write(w, http.StatusNotFound, map[string]string{"error": errNoOrder.Error()})
		return
	}
	write(w, http.StatusOK, map[string]string{"status": o.Status, "credited": o.Credited.Fixed(2)})
}

// readOrder reads the order of a request to start, or answers why it can't.
func readOrder(w http.ResponseWriter, r *http.Request) (order, bool) {
	var in struct{ PSP, Type, Variant, Amount, Currency, Reference string }
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

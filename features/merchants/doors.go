package merchants

import (
	"encoding/json"
	"net/http"

	"mozartosim/simulator/money"
)

// doors are what a shop answers on.
type doors struct {
	start, webhook, returns http.HandlerFunc
	book                    *Book
}

func (d doors) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", d.start)
	mux.HandleFunc("POST /webhook", d.webhook)
	mux.HandleFunc("GET /payment/{result}", d.returns)
	mux.HandleFunc("GET /orders/{reference}", d.probe)
	return mux
}

// probe shows an order: {"status": "paid", "credited": "25.00"}.
func (d doors) probe(w http.ResponseWriter, r *http.Request) {
	o, ok := d.book.Read(r.PathValue("reference"))
	if !ok {
		write(w, http.StatusNotFound, map[string]string{"error": ErrNoOrder.Error()})
		return
	}
	write(w, http.StatusOK, map[string]string{"status": o.Status, "credited": o.Credited.Fixed(2)})
}

// wish is the body of POST /start.
type wish struct {
	PSP       string `json:"psp"`
	Type      string `json:"type"`
	Variant   string `json:"variant"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Reference string `json:"reference"`
}

// readWish makes an order of a body, or answers why it can't.
func readWish(w http.ResponseWriter, r *http.Request) (Order, bool) {
	var in wish
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in)
	amount, bad := money.Parse(in.Amount, 2)
	if err != nil || bad != nil || in.Reference == "" {
		write(w, http.StatusBadRequest, map[string]string{"error": "psp, type, amount, currency and reference are needed"})
		return Order{}, false
	}
	return Order{Reference: in.Reference, PSP: in.PSP, Type: in.Type, Variant: in.Variant, Amount: amount, Currency: in.Currency}, true
}

// write answers with JSON.
func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // nobody is left to tell
}

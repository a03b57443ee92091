package pages

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"

	"mozartosim/simulator/payment"
)

// ErrUnknown says that no payment has the session.
var ErrUnknown = errors.New("unknown session")

// Payments finds the payment behind a hosted page. The error is ErrUnknown when there is none.
type Payments interface {
	BySession(ctx context.Context, psp, session string) (payment.Payment, error)
}

// Config equips the pages.
type Config struct {
	Payments Payments
	Log      *slog.Logger
}

//go:embed page.html
var pageSource string

// styleHash is the SHA-256 of the page's style element; a test computes it anew.
const styleHash = "y/eTa/aoGRiBSn0S8ErZwHG/EC90a4obS/aJDHA/Oe0="

type pages struct {
	Config
	page *template.Template
}

// Mount adds the pages to the public router.
func Mount(router *mux.Router, c Config) error {
	page, err := template.New("page").Parse(pageSource)
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	p := &pages{c, page}
	router.HandleFunc("/pay/{psp}/{session}", p.show).Methods(http.MethodGet, http.MethodHead)
	router.HandleFunc("/pay/{psp}/{session}/deposit", p.show).Methods(http.MethodGet, http.MethodHead)
	return nil
}

func (p *pages) show(w http.ResponseWriter, r *http.Request) {
	vars := mux.Vars(r)
	found, err := p.Payments.BySession(r.Context(), vars["psp"], vars["session"])
	status := http.StatusOK
	switch {
	case errors.Is(err, ErrUnknown):
		status = http.StatusNotFound
	case err != nil:
		p.Log.Error("hosted page", "error", err)
		status = http.StatusInternalServerError
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+styleHash+"'; frame-ancestors 'none'")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := p.page.Execute(w, view{Found: status == http.StatusOK, Payment: found}); err != nil {
		p.Log.Debug("hosted page was not read to its end", "error", err)
	}
}

type view struct {
	Found   bool
	Payment payment.Payment
}

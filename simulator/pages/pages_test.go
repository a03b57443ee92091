package pages

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
)

type one struct{ err error }

func (o one) BySession(_ context.Context, psp, session string) (payment.Payment, error) {
	if o.err != nil {
		return payment.Payment{}, o.err
	}
	if psp != "payone" || session != "s-1" {
		return payment.Payment{}, ErrUnknown
	}
	return payment.Payment{
		Terms:  payment.Terms{ID: "665f1c2ab7e4d93a5c0f1a2b", PSP: "PAYONE", Amount: money.MustParse("99.5"), Currency: "CAD"},
		Status: payment.Pending,
	}, nil
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method, path string
		err                error
		status             int
		has                string
	}{
		{"known", "GET", "/pay/payone/s-1", nil, 200, "<h1>99.50 CAD</h1>"},
		{"deposit", "GET", "/pay/payone/s-1/deposit?transaction=x&token=y", nil, 200, "665f1c2ab7e4d93a5c0f1a2b"},
		{"another provider's", "GET", "/pay/trust/s-1", nil, 404, "Unknown payment"},
		{"unknown", "GET", "/pay/payone/s-2", nil, 404, "Unknown payment"},
		{"markup in the path", "GET", "/pay/payone/%3Cscript%3E", nil, 404, "Unknown payment"},
		{"journal broken", "GET", "/pay/payone/s-1", errors.New("broken"), 500, "Unknown payment"},
		{"nothing to post", "POST", "/pay/payone/s-1", nil, 405, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			router := mux.NewRouter()
			if err := Mount(router, Config{Payments: one{c.err}, Log: slog.New(slog.DiscardHandler)}); err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "<script>") {
				t.Error("the page holds what was in the path")
			}
			if w.Code == http.StatusOK && w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("header %v", w.Header())
			}
		})
	}
}

// The policy allows just the one style element by its hash.
func TestStyleHash(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(pageSource, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != styleHash {
		t.Errorf("styleHash must be %s", got)
	}
}

package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/identity"
)

func TestSmoke(t *testing.T) {
	c := Default()
	c.PublicAddr, c.AdminAddr, c.ValidateAnswers = "127.0.0.1:0", "", true
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Public()
	if err != nil {
		t.Fatal(err)
	}
	co, _ := s.Company("")
	tok, _ := identity.CompanyToken(co.Credentials.APIKey, co.Credentials.SecretKey, time.Now(), time.Time{}, time.Time{})
	ut, _ := identity.UserToken(co.Users[0], "x")
	for _, op := range s.contract.Operations() {
		body, _ := s.contract.Example(op.Schema)
		r := httptest.NewRequest("POST", openapi.CashierPath, strings.NewReader(string(body)))
		r.Header.Set("Authorization", "Bearer "+tok)
		r.Header.Set("x-user-token", "Bearer "+ut)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		t.Log(w.Code, w.Body)
		if w.Code != http.StatusOK {
			t.Error(op.Schema)
		}
	}
}

package target

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"mozartosim/features/production"
)

// However production is written, it is refused, unless somebody knows.
func TestProductionIsRefused(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"https://backend.app.mozarto.io", "https://backend.app.mozarto.io/", "https://BACKEND.App.Mozarto.IO",
		"https://backend.app.mozarto.io:443", "https://backend.app.mozarto.io:8443/x", "https://backend.app.mozarto.io.",
		"https://backend.app.mozarto.io..:443", "http://backend.app.mozarto.io", "https://user:pass@backend.app.mozarto.io",
		"https://app.mozarto.io", "https://mozarto.io", "https://api.mozarto.io", "https://other.stg-app.mozarto.io",
		"https://ｂackend.app.mozarto.io", "https://backend。app.mozarto.io",
	} {
		p := Profile{BaseURL: base, CompanyToken: "a-company-token", CallsPerSecond: 2}
		if _, err := Remote(p, false); err == nil {
			t.Errorf("%s was taken", base)
		}
	}
	p := Profile{BaseURL: "https://backend.app.mozarto.io", CompanyToken: "a-company-token", CallsPerSecond: 2}
	var refused *production.Refused
	if _, err := Running(context.Background(), RunningConfig{URL: p.BaseURL, AdminURL: "http://127.0.0.1:1"}); !errors.As(err, &refused) {
		t.Errorf("with an admin URL: %v", err)
	}
	target, err := Remote(p, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Remote(p, false); !errors.As(err, &refused) || !strings.Contains(err.Error(), "--i-know-this-is-production") {
		t.Errorf("got %v", err)
	}
}

// A redirect, which could lead to production, is not followed.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	target, err := newTarget("http://127.0.0.1:1", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Environment.Client.CheckRedirect(nil, nil); !errors.Is(err, http.ErrUseLastResponse) {
		t.Errorf("redirects are followed: %v", err)
	}
}

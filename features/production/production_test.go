package production_test

import (
	"errors"
	"net/url"
	"testing"

	"mozartosim/features/production"
)

func TestIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://backend.app.mozarto.io":          true,
		"https://BACKEND.APP.mozarto.io:443/v1":   true,
		"http://backend.app.mozarto.io./":         true,
		"https://app.mozarto.io":                  true,
		"https://other.app.mozarto.io":            true,
		"https://backend.stg-app.mozarto.io":      false,
		"https://mozarto.io":                      true,
		"https://myapp.mozarto.io":                true,
		"https://other.stg-app.mozarto.io":        true,
		"https://backend.stg-app.mozarto.io.":     false,
		"https://BACKEND.stg-app.mozarto.io:443":  false,
		"https://backend.app.mozarto.io.evil.net": false,
		"https://notmozarto.io":                   false,
		"http://127.0.0.1:8080":                   false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := production.Is(u); got != want {
			t.Errorf("%s: %t", text, got)
		}
		var refused *production.Refused
		if err := production.Check(u, false); errors.As(err, &refused) != want || production.Check(u, true) != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

package webhook

import (
	"fmt"
	"net/http"
	"strings"

	"mozartosim/simulator/mask"
)

// DefaultTemplate is the Authorization header of a secured webhook (assumed; only that it carries a shared secret is
// documented).
const DefaultTemplate = "Bearer {secret}"

// Authorization returns the header's value for a secured webhook: the template ("" = DefaultTemplate) with its {secret}
// filled in; "" without a secret.
func Authorization(template, secret string) string {
	if secret == "" {
		return ""
	}
	if template == "" {
		template = DefaultTemplate
	}
	return strings.ReplaceAll(template, "{secret}", secret)
}

// Verdict is what a receiver that knows the secret makes of a webhook's Authorization header.
type Verdict string

// The verdicts.
const (
	SecretRight       Verdict = "right"
	SecretWrong       Verdict = "wrong"
	SecretMissing     Verdict = "missing"
	SecretOld         Verdict = "old"           // that before its last change
	SecretNotAskedFor Verdict = "not-asked-for" // the configuration doesn't secure webhooks
)

// Judge judges an Authorization header by the right one, "" for none, and the old one.
func Judge(got, right, old string) Verdict {
	switch {
	case right == "":
		return SecretNotAskedFor
	case got == right:
		return SecretRight
	case got == "":
		return SecretMissing
	case got == old:
		return SecretOld
	}
	return SecretWrong
}

// CheckTemplate says what is wrong with a template of the Authorization header.
func CheckTemplate(template string) error {
	if !strings.Contains(template, "{secret}") {
		return fmt.Errorf("webhook authorization template %q must contain {secret}, like %q", template, DefaultTemplate)
	}
	for i := range len(template) {
		if c := template[i]; c < ' ' || c > '~' {
			return fmt.Errorf("webhook authorization template %q must be plain ASCII", template)
		}
	}
	return nil
}

// MaskHeaders returns headers as they may be stored: bounded like an answer's, secrets masked.
func MaskHeaders(header http.Header) map[string]string {
	return bounded(header, mask.Header)
}

// secretOf returns the part of the Authorization header that must not be stored: all after the scheme.
func secretOf(header http.Header) string {
	value := header.Get("Authorization")
	if _, secret, found := strings.Cut(value, " "); found {
		return secret
	}
	return value
}

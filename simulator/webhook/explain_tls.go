package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
)

// explainTLS puts a failed TLS handshake into words; "" when the error is another one.
func explainTLS(err error, target string) string {
	var (
		unknown x509.UnknownAuthorityError
		wrong   x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		roots   x509.SystemRootsError
	)
	switch {
	case errors.As(err, &unknown):
		return "TLS: unknown authority"
	case errors.As(err, &wrong):
		return fmt.Sprintf("TLS: certificate is for %s, not %s", names(wrong.Certificate), wrong.Host)
	case errors.As(err, &invalid):
		return "TLS: " + explainInvalid(invalid)
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return "TLS: the port speaks plain HTTP" + tryScheme(target, "http")
	case errors.As(err, &record):
		return "TLS: the port does not speak TLS"
	case errors.As(err, &roots):
		return "TLS: this machine has no list of authorities to trust"
	case strings.Contains(err.Error(), "remote error: tls:"):
		return "TLS: refused by the other side: " + strings.TrimPrefix(innermost(err).Error(), "tls: ")
	}
	if text := innermost(err).Error(); strings.HasPrefix(text, "tls: ") || strings.HasPrefix(text, "x509: ") {
		_, text, _ = strings.Cut(text, ": ")
		return "TLS: " + text
	}
	return ""
}

func explainInvalid(err x509.CertificateInvalidError) string {
	switch {
	case err.Reason == x509.Expired && strings.Contains(err.Detail, "is before"):
		return "certificate is not valid yet"
	case err.Reason == x509.Expired:
		return "certificate has expired"
	}
	return strings.TrimPrefix(err.Error(), "x509: ")
}

// names lists the first three hosts that a certificate is for.
func names(cert *x509.Certificate) string {
	all := append([]string{}, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		all = append(all, ip.String())
	}
	switch {
	case len(all) == 0 && cert.Subject.CommonName != "":
		return fmt.Sprintf("%q by an old-style common name only", cert.Subject.CommonName)
	case len(all) == 0:
		return "no host at all"
	case len(all) > 3:
		all = append(all[:3], "…")
	}
	return strings.Join(all, ", ")
}

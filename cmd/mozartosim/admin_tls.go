package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
)

// fingerprintVariable pins the certificate of the admin API: the SHA-256 that serve --tls-self-signed prints.
const fingerprintVariable = "MOZARTOSIM_ADMIN_FINGERPRINT"

// errOtherCertificate says that somebody else may be listening.
var errOtherCertificate = errors.New("the certificate is not the one that " + fingerprintVariable + " names: compare it with what serve printed")

// adminClient calls the admin API. A certificate that is pinned need not be trusted otherwise.
func adminClient() *http.Client {
	pinned := plainFingerprint(os.Getenv(fingerprintVariable))
	if pinned == "" {
		return http.DefaultClient
	}
	return clientFor(func(state tls.ConnectionState) error {
		sum := sha256.Sum256(state.PeerCertificates[0].Raw)
		if hex.EncodeToString(sum[:]) != pinned {
			return errOtherCertificate
		}
		return nil
	})
}

// plainFingerprint takes colons and case off.
func plainFingerprint(text string) string {
	return strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(text))
}

// clientFor is a client that judges certificates by a check of its own.
func clientFor(check func(tls.ConnectionState) error) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection judges instead
		VerifyConnection:   check,
		MinVersion:         tls.VersionTLS12,
	}
	return &http.Client{Transport: transport}
}

// ownAdminURL is where the simulator of the same environment serves its admin API, as seen from beside it: for a
// container's health check, which knows no more than the container's variables.
func ownAdminURL() string {
	_, port, err := net.SplitHostPort(os.Getenv("MOZARTOSIM_ADMIN_ADDR"))
	if err != nil {
		return defaultAdminURL
	}
	scheme := "http://"
	if os.Getenv("MOZARTOSIM_TLS_CERT") != "" || os.Getenv("MOZARTOSIM_TLS_SELF_SIGNED") == "true" {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort("127.0.0.1", port)
}

package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
)

// fingerprintVariable pins the certificate of the admin API: the SHA-256 that serve --tls-self-signed prints.
const fingerprintVariable = "MOZARTOSIM_ADMIN_FINGERPRINT"

// errOtherCertificate says that somebody else may be listening.
var errOtherCertificate = errors.New("it is not the one that " + fingerprintVariable + " names; compare it with what serve printed")

// adminClient calls the admin API. A certificate that is pinned need not be trusted otherwise.
func adminClient() *http.Client {
	config := pinnedTLS()
	if config == nil {
		return http.DefaultClient
	}
	return clientWith(config)
}

// pinnedTLS trusts the certificate that is pinned and no other; nil when none is, for the system's own judgement.
func pinnedTLS() *tls.Config {
	pinned := plainFingerprint(os.Getenv(fingerprintVariable))
	if pinned == "" {
		return nil
	}
	return judgedBy(func(state tls.ConnectionState) error {
		sum := sha256.Sum256(state.PeerCertificates[0].Raw)
		if hex.EncodeToString(sum[:]) != pinned {
			return errOtherCertificate
		}
		return nil
	})
}

// certificateTrouble says in one sentence why the certificate of a simulator is not taken; nil when err is about something
// else.
func certificateTrouble(at string, err error) error {
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.Is(err, errOtherCertificate):
		return fmt.Errorf("the simulator at %s has a certificate that is not trusted here: %w", at, errOtherCertificate)
	case errors.As(err, &unverified):
		err = unverified
	case errors.As(err, &unknown):
		err = unknown
	default:
		return nil
	}
	return fmt.Errorf("the simulator at %s has a certificate that is not trusted here: set %s to the SHA-256 that serve printed (%w)",
		at, fingerprintVariable, err)
}

// overTLS is what Go's server answers when it is called without TLS.
const overTLS = "Client sent an HTTP request to an HTTPS server"

// tryTLS says that a port speaks TLS; nil when the answer is about something else.
func tryTLS(at string, status int, text []byte) error {
	if status != http.StatusBadRequest || !strings.Contains(string(text), overTLS) {
		return nil
	}
	return fmt.Errorf("%s speaks TLS: try https://%s", at, strings.TrimPrefix(at, "http://"))
}

// plainFingerprint takes colons and case off.
func plainFingerprint(text string) string {
	return strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(text))
}

// clientFor is a client that judges certificates by a check of its own.
func clientFor(check func(tls.ConnectionState) error) *http.Client {
	return clientWith(judgedBy(check))
}

func judgedBy(check func(tls.ConnectionState) error) *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection judges instead
		VerifyConnection:   check,
		MinVersion:         tls.VersionTLS12,
	}
}

func clientWith(config *tls.Config) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = config
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

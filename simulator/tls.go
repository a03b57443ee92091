package simulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strings"
	"time"

	"mozartosim/simulator/clock"
)

// checkTLS says what is wrong with the TLS flags.
func (c *Config) checkTLS() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("tls-cert and tls-key must be set together")
	case c.TLSCert != "" && c.TLSSelfSigned:
		return errors.New("tls-self-signed must not be set beside tls-cert")
	}
	return errors.Join(readable("tls-cert", c.TLSCert), readable("tls-key", c.TLSKey))
}

// secured says whether the listeners speak TLS.
func (c *Config) secured() bool { return c.TLSCert != "" || c.TLSSelfSigned }

func (c *Config) certificate() (*tls.Certificate, error) {
	switch {
	case c.TLSCert != "":
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("tls-cert %s and tls-key %s: %w", c.TLSCert, c.TLSKey, err)
		}
		return &pair, nil
	case c.TLSSelfSigned:
		return c.selfSigned()
	}
	return nil, nil
}

// selfSigned makes a certificate that lives as long as the process: for localhost, loopback addresses and the names in the
// configured addresses. Whoever wants to trust it compares its fingerprint.
func (c *Config) selfSigned() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("tls-self-signed: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("tls-self-signed: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "mozartosim"},
		NotBefore: clock.Wall().Add(-time.Hour), NotAfter: clock.Wall().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, name := range c.names() {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("tls-self-signed: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// names are those under which the listeners may be called.
func (c *Config) names() (names []string) {
	if u, err := url.Parse(c.PublicURL); err == nil && u.Hostname() != "" {
		names = append(names, u.Hostname())
	}
	for _, addr := range []string{c.PublicAddr, c.AdminAddr} {
		if host, _, err := net.SplitHostPort(addr); err == nil && host != "" && host != "localhost" && !net.ParseIP(host).IsUnspecified() {
			names = append(names, host)
		}
	}
	return names
}

// Fingerprint is the SHA-256 of the certificate, "" without TLS.
func (s *Simulator) Fingerprint() string {
	if s.certificate == nil {
		return ""
	}
	sum := sha256.Sum256(s.certificate.Certificate[0])
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// OwnAdminURL is where the admin API of a simulator with this configuration is found from beside it.
func (c Config) OwnAdminURL() string {
	addr, err := net.ResolveTCPAddr("tcp", c.AdminAddr)
	if err != nil {
		return "http://" + c.AdminAddr
	}
	return c.listenerURL(addr)
}

// listenerURL is how a listener is reached from this machine.
func (c *Config) listenerURL(listening net.Addr) string {
	host, port, _ := net.SplitHostPort(listening.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http://"
	if c.secured() {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, port)
}

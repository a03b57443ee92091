package simulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"mozartosim/simulator/listener"
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
		made, err := listener.SelfSigned(c.names())
		if err != nil {
			return nil, fmt.Errorf("tls-self-signed: %w", err)
		}
		return made, nil
	}
	return nil, nil
}

// names are those under which the listeners may be called.
func (c *Config) names() (names []string) {
	names = adminHosts(c.PublicURL, c.AdminPublicURL)
	for _, addr := range []string{c.PublicAddr, c.AdminAddr} {
		if host, _, err := net.SplitHostPort(addr); err == nil && host != "" && host != "localhost" && !net.ParseIP(host).IsUnspecified() {
			names = append(names, host)
		}
	}
	return names
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

// adminHosts are the names, beside loopback ones, under which a listener without token may be called: those of the public
// URLs, which is how a container's neighbours know it.
func adminHosts(publicURLs ...string) (hosts []string) {
	for _, publicURL := range publicURLs {
		if u, err := url.Parse(publicURL); err == nil && u.Host != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// console is where browsers reach the console, whose listener is at admin; "" when it is off.
func (c *Config) console(admin string) string {
	if admin == "" || c.AdminPublicURL == "" {
		return admin
	}
	return strings.TrimRight(c.AdminPublicURL, "/")
}

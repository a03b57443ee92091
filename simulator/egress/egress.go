package egress

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// NotAllowed is why a target is not dialled.
type NotAllowed string

func (n NotAllowed) Error() string { return "target not allowed: " + string(n) }

// Guard decides which addresses may be dialled. Loopback and private ones may be (this is a development tool); link-local,
// metadata, multicast and broadcast ones never are, whatever the list says. An unspecified address is judged as what it reaches: this
// machine. The zero Guard has an empty list.
type Guard struct {
	list   []string // as it was given; empty = everything else is allowed
	hosts  []hostRule
	ranges []netip.Prefix
}

// hostRule is an entry of the list about the URL's host.
type hostRule struct {
	host   string // without the * of *.suffix
	suffix bool
	port   string // "" = any
}

// New makes a guard. The list has hosts, host:port, *.suffix and CIDR ranges; an empty one allows every target that is not forbidden.
// The error names an entry that is not valid.
func New(list []string) (*Guard, error) {
	t := &Guard{list: list}
	for _, entry := range list {
		if strings.Contains(entry, "/") {
			prefix, err := netip.ParsePrefix(entry)
			if err != nil {
				return nil, fmt.Errorf("%q must be a CIDR range like 10.0.0.0/8", entry)
			}
			t.ranges = append(t.ranges, prefix.Masked())
			continue
		}
		rule, err := parseHost(entry)
		if err != nil {
			return nil, err
		}
		t.hosts = append(t.hosts, rule)
	}
	return t, nil
}

func parseHost(entry string) (hostRule, error) {
	if addr, err := netip.ParseAddr(entry); err == nil { // an IPv6 address has colons of its own
		return hostRule{host: addr.Unmap().String()}, nil
	}
	var rule hostRule
	host, valid := entry, true
	if strings.Contains(entry, ":") {
		var err error
		host, rule.port, err = net.SplitHostPort(entry)
		valid = err == nil && validPort(rule.port)
	}
	host, rule.suffix = strings.CutPrefix(host, "*")
	rule.host = PlainHost(host)
	if !valid || rule.suffix != strings.HasPrefix(rule.host, ".") || rule.host == "" || strings.ContainsAny(rule.host, "* @?#") {
		return hostRule{}, fmt.Errorf("%q must be host, host:port, *.suffix or a CIDR range", entry)
	}
	return rule, nil
}

func validPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0
}

// PlainHost returns the one spelling of a host that is compared: lower case, no final dot, addresses unmapped.
func PlainHost(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().WithZone("").String()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// Loopback says whether a host is this machine, by its name or address.
func Loopback(host string) bool {
	host = PlainHost(host)
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// named says whether the list allows a host by name; an empty list does.
func (t *Guard) named(host, port string) bool {
	host = PlainHost(host)
	return len(t.list) == 0 || slices.ContainsFunc(t.hosts, func(rule hostRule) bool {
		return (rule.port == "" || rule.port == port) && (rule.host == host || rule.suffix && strings.HasSuffix(host, rule.host))
	})
}

func (t *Guard) unlisted(host, port string) error {
	return NotAllowed(fmt.Sprintf("%s is not on the list of webhook targets (%s)", net.JoinHostPort(host, port), strings.Join(t.list, ", ")))
}

// CheckURL checks what a URL shows; the addresses of names are checked when they are dialled.
func (t *Guard) CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		u = &url.URL{}
	}
	return t.Check(u, text)
}

// Check is CheckURL for a text that has been parsed.
func (t *Guard) Check(u *url.URL, text string) error {
	if u.Hostname() == "" {
		return NotAllowed(fmt.Sprintf("%q must be a URL like https://merchant.example/webhooks", text))
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return NotAllowed(fmt.Sprintf("%q must begin with http:// or https://", text))
	}
	port := u.Port()
	switch {
	case port == "" && u.Scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	case !validPort(port):
		return NotAllowed(fmt.Sprintf("%q has a port that is not between 1 and 65535", text))
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		return t.checkAddr(u.Hostname(), port, addr)
	}
	if err := forbiddenName(u.Hostname()); err != nil {
		return err
	}
	if !t.named(u.Hostname(), port) && len(t.ranges) == 0 {
		return t.unlisted(u.Hostname(), port)
	}
	return nil
}

// Forbidden says why a URL is allowed by no list; nil when it may be, as far as that is known without a DNS lookup.
func Forbidden(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return nil //nolint:nilerr // what is no URL is refused elsewhere
	}
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil {
		return judge(host, addr)
	}
	return forbiddenName(host)
}

// forbiddenName says why a host's name is allowed by no list.
func forbiddenName(host string) error {
	if PlainHost(host) == "metadata.google.internal" {
		return NotAllowed(host + " is a cloud's metadata address")
	}
	return nil
}

// judge says why an address is allowed by no list.
func judge(host string, addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	switch what := forbidden(addr); {
	case what == "":
		return nil
	case PlainHost(host) == addr.String():
		return NotAllowed(fmt.Sprintf("%s is %s", addr, what))
	default:
		return NotAllowed(fmt.Sprintf("%s is %s, %s", host, addr, what))
	}
}

// checkAddr says why host's address is not dialled.
func (t *Guard) checkAddr(host, port string, addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if err := judge(host, addr); err != nil {
		return err
	}
	if addr.IsUnspecified() {
		addr = reached(addr)
		host = addr.String()
	}
	inside := slices.ContainsFunc(t.ranges, func(p netip.Prefix) bool { return p.Contains(addr) })
	if !inside && !t.named(host, port) {
		return t.unlisted(host, port)
	}
	return nil
}

// reached is the address at which this machine is reached by an unspecified one.
func reached(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}

// Transport makes a transport check every URL, and every address after its name was resolved. It uses no proxy, which would dial in
// its place.
func (t *Guard) Transport(base *http.Transport) *Transport {
	base = base.Clone()
	base.Proxy, base.DialContext = nil, t.Dial(net.Dialer{})
	return &Transport{t, base}
}

// Transport is an http.RoundTripper that calls only what its guard allows.
type Transport struct {
	guard *Guard
	base  *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (g *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.guard.CheckURL(r.URL.String()); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	return g.base.RoundTrip(r)
}

// CloseIdleConnections closes the connections that are kept open for reuse.
func (g *Transport) CloseIdleConnections() { g.base.CloseIdleConnections() }

// Dial returns a DialContext that checks every address after the host's name was resolved, so that a name whose addresses
// change (DNS rebinding) can't get around the check.
func (t *Guard) Dial(dialer net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		d := dialer
		d.Control = func(_, resolved string, _ syscall.RawConn) error {
			target, err := netip.ParseAddrPort(resolved)
			if err != nil {
				return NotAllowed(resolved + " is no address")
			}
			return t.checkAddr(host, port, target.Addr())
		}
		return d.DialContext(ctx, network, address)
	}
}

// forbidden says why an address is never dialled; "" for all others. Clouds give credentials away at their metadata
// addresses, which are link-local.
func forbidden(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	switch {
	case metadata(addr):
		return "a cloud's metadata address"
	case addr.IsUnspecified():
		return ""
	case addr.Is4() && addr.As4()[0] == 0:
		return "an unspecified address"
	case addr.IsLinkLocalUnicast():
		return "a link-local address"
	case addr.IsMulticast():
		return "a multicast address"
	case addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "the broadcast address"
	case addr.IsLoopback():
		return ""
	}
	if inner, ok := embedded(addr); ok {
		return forbidden(inner)
	}
	return ""
}

func metadata(addr netip.Addr) bool {
	switch addr.String() {
	case "169.254.169.254", "fd00:ec2::254", // most clouds; AWS over IPv6
		"fd20:ce::254",    // Google over IPv6
		"100.100.100.200", // Alibaba
		"192.0.0.192",     // Oracle
		"168.63.129.16":   // Azure's wire server
		return true
	}
	return false
}

// embedded returns the IPv4 address that an IPv6 one leads to: NAT64, 6to4, and the old IPv4-compatible form.
func embedded(addr netip.Addr) (netip.Addr, bool) {
	if !addr.Is6() {
		return addr, false
	}
	b := addr.As16()
	switch {
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case [12]byte(b[:12]) == [12]byte{0, 0x64, 0xff, 0x9b}, [12]byte(b[:12]) == [12]byte{}:
		return netip.AddrFrom4([4]byte(b[12:])), true
	}
	return addr, false
}

package webhook

import "net/netip"

// forbidden says what an address is that is never dialled; "" for all others. Clouds answer with credentials at their
// metadata addresses, and link-local ones are where those live.
func forbidden(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	switch {
	case metadata(addr):
		return "a cloud's metadata address"
	case addr.IsUnspecified() || addr.Is4() && addr.As4()[0] == 0:
		return "an unspecified address" // dials this machine
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

package webhook_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mozartosim/simulator/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// notice is a webhook's body as Payone's look.
const notice = `{"transaction_id":"665f1a2b3c4d5e6f70819203","psp_transaction_id":"po-0123456789ab","user_id":"u-1",` +
	`"status":"success","transaction_status":"Approved","message":"Transaction approved and successfully processed",` +
	`"amount":"100.00","merchantReference":"order-7"}`

func client(t *testing.T, config webhook.Config) *webhook.Client {
	t.Helper()
	if config.Container == nil {
		config.Container = func() bool { return false }
	}
	c, err := webhook.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func server(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

// raw serves connections by hand; each is closed when serve returns.
func raw(t *testing.T, serve func(conn *net.TCPConn)) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { listener.Close() })
	return "http://" + listener.Addr().String()
}

// readRequest takes a whole request off a connection.
func readRequest(conn net.Conn) {
	buffer := make([]byte, 64<<10)
	for read := 0; !strings.HasSuffix(string(buffer[:read]), notice); {
		n, err := conn.Read(buffer[read:])
		if err != nil {
			return
		}
		read += n
	}
}

// authority issues certificates that a pool of its own trusts.
type authority struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	roots *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{roots: x509.NewCertPool()}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.roots.AddCert(a.cert)
	return a
}

// serve starts a TLS server whose certificate is for names and valid for a day from now plus shift.
func (a *authority) serve(t *testing.T, shift time.Duration, config *tls.Config, names ...string) (port string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Now().Add(shift)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: names, NotBefore: from, NotAfter: from.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "over TLS") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	config.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	s.TLS = config
	s.StartTLS()
	t.Cleanup(s.Close)
	_, port, _ = net.SplitHostPort(s.Listener.Addr().String())
	return port
}

// resolver answers every question from a table of names; each question for A of a name takes its next address, the last
// one for good.
func resolver(table map[string][]string) *net.Resolver {
	var mu sync.Mutex
	answer := func(name string, kind uint16) (addr netip.Addr, known, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		list, known := table[name]
		if !known {
			return addr, false, false
		}
		addr = netip.MustParseAddr(list[0])
		if ok = addr.Is4() && kind == 1 || addr.Is6() && kind == 28; ok && len(list) > 1 {
			table[name] = list[1:]
		}
		return addr, true, ok
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe() // not a PacketConn, so it speaks DNS as over TCP
		go serveDNS(ours, answer)
		return theirs, nil
	}}
}

func serveDNS(conn net.Conn, answer func(name string, kind uint16) (addr netip.Addr, known, ok bool)) {
	defer conn.Close()
	var size [2]byte
	for {
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		var labels []string
		at := 12
		for query[at] != 0 {
			length := int(query[at])
			labels = append(labels, string(query[at+1:at+1+length]))
			at += 1 + length
		}
		question := query[12 : at+5]
		addr, known, ok := answer(strings.ToLower(strings.Join(labels, ".")), binary.BigEndian.Uint16(query[at+1:]))
		reply := append(append([]byte{}, query[:2]...), 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
		if !known {
			reply[3] |= 3 // no such name
		}
		reply = append(reply, question...)
		if ok {
			reply[7] = 1
			raw := addr.AsSlice()
			reply = append(reply, 0xc0, 12)
			reply = append(reply, question[len(question)-4:]...)
			reply = append(reply, 0, 0, 0, 0, 0, byte(len(raw)))
			reply = append(reply, raw...)
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/journal/pgtest"
)

// stand is what is tested: simulators on a store, the merchants' handler, and what fails.
type stand struct {
	binary, dir string
	kept        int // payments of each merchant
	processes   []*process
	hooks       *receiver
	faults      []fault
	closers     []func() error // what close does, the last first
}

// loopback is the address of all that is not in a network namespace.
const loopback = "127.0.0.1"

// build starts everything for a kind of store.
func (s *stand) build(store string) error {
	switch store {
	case "memory":
		p, err := s.start("", loopback, loopback, "")
		s.faults = []fault{{"stall", p, p.stall}}
		return err
	case "sqlite":
		return s.onDisk()
	case "postgres":
		return s.onDatabase()
	case "replicas":
		return s.replicas()
	}
	return fmt.Errorf("-store %q is none of memory, sqlite, postgres, replicas", store)
}

// start starts a simulator that listens on an address, in a network namespace if it is named, on data. The first one's receiver is
// the receiver of all, and listens where it can be reached at a host.
func (s *stand) start(namespace, own, host, data string) (*process, error) {
	if s.hooks == nil {
		hooks, err := newReceiver(host, namespace != "")
		if err != nil {
			return nil, err
		}
		s.hooks = hooks
		s.closers = append(s.closers, hooks.server.Close)
	}
	p, err := start(namespace, s.binary, data, own, s.kept)
	if p != nil {
		s.processes = append(s.processes, p)
		s.closers = append(s.closers, p.stop)
	}
	return p, err
}

// onDisk keeps data in a file on a small file system, which can be filled up and frozen.
func (s *stand) onDisk() error {
	image, dir := filepath.Join(s.dir, "image"), filepath.Join(s.dir, "disk")
	if err := command("truncate -s 256M "+image, "mkfs.ext4 -q -m 0 "+image, "mkdir "+dir, "mount -o loop "+image+" "+dir); err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { return command("umount " + dir) })
	p, err := s.start("", loopback, loopback, filepath.Join(dir, "soak.db"))
	thaw := "fsfreeze -u " + dir
	s.closers = append(s.closers, func() error { _ = command(thaw); return nil }) // an interrupt may have left it frozen
	s.faults = []fault{
		{"kill", p, p.restart},
		{"disk full", p, func() error {
			filler := filepath.Join(dir, "filler")
			if err := command("dd if=/dev/zero bs=1M status=none of=" + filler); err == nil || !strings.Contains(err.Error(), "No space left") {
				return fmt.Errorf("the disk is not full: %w", err)
			}
			return lasting(5*time.Second, "rm "+filler)
		}},
		{"slow store", p, func() error {
			for range 20 {
				if err := command("fsfreeze -f " + dir); err != nil {
					return err
				}
				if err := lasting(300*time.Millisecond, thaw); err != nil {
					return err
				}
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}},
	}
	return err
}

// database starts a PostgreSQL and returns its URL.
func (s *stand) database() (*pgtest.Server, string, error) {
	server, err := pgtest.Start()
	if err != nil {
		return nil, "", err
	}
	s.closers = append(s.closers, server.Stop)
	return server, server.URL(), nil
}

// proxy starts a proxy in front of a database that listens on an address's host.
func (s *stand) proxy(host string, server *pgtest.Server) (*pgtest.Proxy, error) {
	proxy, err := pgtest.StartProxy(host+":0", server.Address())
	if err == nil {
		s.closers = append(s.closers, func() error { proxy.Close(); return nil })
	}
	return proxy, err
}

// onDatabase keeps data in a PostgreSQL that is reached by a proxy, which can be cut, slow, or swallow everything.
func (s *stand) onDatabase() error {
	server, url, err := s.database()
	if err != nil {
		return err
	}
	proxy, err := s.proxy(loopback, server)
	if err != nil {
		return err
	}
	p, err := s.start("", loopback, loopback, proxy.Through(url))
	spoil := func(what string, length time.Duration, begin func()) fault {
		return fault{what, p, func() error {
			begin()
			time.Sleep(length)
			proxy.Mend()
			return nil
		}}
	}
	s.faults = []fault{
		{"kill", p, p.restart},
		spoil("store cut", 5*time.Second, proxy.Cut),
		spoil("slow store", 8*time.Second, func() { proxy.Slow(50 * time.Millisecond) }),
		spoil("store silent", 8*time.Second, proxy.Swallow),
	}
	return err
}

// replicas starts two simulators on one database.
func (s *stand) replicas() error {
	server, url, err := s.database()
	if err != nil {
		return err
	}
	first, err := s.replica(1, server, url)
	if err != nil {
		return err
	}
	second, err := s.replica(2, server, url)
	for n := range first {
		s.faults = append(s.faults, first[n], second[n])
	}
	return err
}

// replica starts a simulator that is alone in a network namespace, whose link is its only way to the database and the receiver. It
// returns what fails of it: partitions are shorter and longer than a lease. Not every kernel can delay packets (netem): a slow link is
// a narrow one, and delays are the proxy's.
func (s *stand) replica(n int, server *pgtest.Server, url string) ([]fault, error) {
	link, inside := fmt.Sprint("mozartosim", n), fmt.Sprint("mozartosim", n, "i")
	host, own := fmt.Sprintf("10.203.%d.1", n), fmt.Sprintf("10.203.%d.2", n)
	remove := func() error { return command("ip netns del " + link) } // takes the link with it
	_ = remove()                                                      // what a run that was killed has left
	if err := command(
		"ip netns add "+link, "ip link add "+link+" type veth peer name "+inside+" netns "+link,
		"ip addr add "+host+"/24 dev "+link, "ip link set "+link+" up",
		"ip -n "+link+" addr add "+own+"/24 dev "+inside, "ip -n "+link+" link set "+inside+" up",
		"ip -n "+link+" link set lo up", "ip -n "+link+" route add default via "+host,
	); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, remove)
	proxy, err := s.proxy(host, server)
	if err != nil {
		return nil, err
	}
	p, err := s.start(link, own, host, proxy.Through(url))
	out, in := "tc qdisc %s dev "+link+" root", "tc -n "+link+" qdisc %s dev "+inside+" root"
	partition := func(length time.Duration) fault {
		return fault{"partition", p, func() error { // packets vanish, both ways
			if err := command(fmt.Sprintf(out, "add")+" pfifo limit 0", fmt.Sprintf(in, "add")+" pfifo limit 0"); err != nil {
				return err
			}
			return lasting(length, fmt.Sprintf(out, "del"), fmt.Sprintf(in, "del"))
		}}
	}
	return []fault{partition(4 * time.Second), partition(14 * time.Second), {"slow link", p, func() error {
		proxy.Slow(50 * time.Millisecond)
		defer proxy.Mend()
		if err := command(fmt.Sprintf(out, "add") + " tbf rate 512kbit burst 16kbit latency 800ms"); err != nil {
			return err
		}
		return lasting(8*time.Second, fmt.Sprintf(out, "del"))
	}}}, err
}

// close ends everything.
func (s *stand) close() error {
	var errs []error
	for _, closer := range slices.Backward(s.closers) {
		errs = append(errs, closer())
	}
	return errors.Join(errs...)
}

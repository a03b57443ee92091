package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// replica is one of the simulators of a chaos run: it is alone in a network namespace, and reaches the database and the receiver by
// one link, which can be cut or made slow.
type replica struct {
	*process
	namespace, link string
	host, own       string // addresses of the link's ends
}

// chaosToken is the admin token of the replicas, which are not on loopback.
const chaosToken = "chaos-replicas-admin-token"

// newReplica makes the n-th namespace with its link; that needs root.
func newReplica(n int) (*replica, error) {
	r := &replica{
		namespace: fmt.Sprint("mozartosim", n), link: fmt.Sprint("mozartosim", n), host: fmt.Sprintf("10.203.%d.1", n), own: fmt.Sprintf("10.203.%d.2", n),
	}
	r.remove() // what a run that was killed has left
	inside := r.link + "i"
	return r, command(
		"ip netns add "+r.namespace,
		"ip link add "+r.link+" type veth peer name "+inside+" netns "+r.namespace,
		"ip addr add "+r.host+"/24 dev "+r.link, "ip link set "+r.link+" up",
		"ip -n "+r.namespace+" addr add "+r.own+"/24 dev "+inside, "ip -n "+r.namespace+" link set "+inside+" up",
		"ip -n "+r.namespace+" link set lo up",
		r.route(),
	)
}

func (r *replica) remove() {
	_ = exec.Command("ip", "link", "del", r.link).Run()
	_ = exec.Command("ip", "netns", "del", r.namespace).Run()
}

// inside is the command line that sets the link's inner end: with the outer one down, calls would take another route.
func (r *replica) inside(state string) string {
	return "ip -n " + r.namespace + " link set " + r.link + "i " + state
}

// route is the command line that makes the way to the receiver and the database, which is gone when the inner end was down.
func (r *replica) route() string {
	return "ip -n " + r.namespace + " route replace default via " + r.host
}

// command runs command lines until one fails.
func command(lines ...string) error {
	for _, line := range lines {
		words := strings.Fields(line)
		if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", line, err, out)
		}
	}
	return nil
}

// chaos cuts the replicas off in turn, shorter and longer than a lease, and makes their links slow, until stop is closed. It ends
// with all well.
func chaos(replicas []*replica, stop <-chan struct{}, during func(what string, began time.Time)) error {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		case <-time.After(rest):
		}
		r, began := replicas[n%len(replicas)], time.Now()
		what, length, begin, end := "partition", 4*time.Second, r.inside("down"), r.inside("up")
		switch n % 6 {
		case 2, 3:
			length = 14 * time.Second // its jobs are taken over
		case 4, 5: // hundreds of milliseconds for every packet
			what, length = "delay", 8*time.Second
			begin, end = "tc qdisc add dev "+r.link+" root tbf rate 512kbit burst 16kbit latency 800ms", "tc qdisc del dev "+r.link+" root"
		}
		if err := command(begin); err != nil {
			return err
		}
		time.Sleep(length)
		if err := command(end, r.route()); err != nil {
			return err
		}
		during(what, began)
	}
}

// startReplicas starts two replicas on a database, whose URL has %s for the host at which a replica reaches it.
func startReplicas(binary, database string) (all []*replica, err error) {
	for n := 1; n <= 2; n++ {
		r, err := newReplica(n)
		all = append(all, r)
		if err == nil {
			r.process, err = startIn(r.namespace, binary, strings.ReplaceAll(database, "HOST", r.host), r.own)
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func stopReplicas(all []*replica) {
	for _, r := range all {
		if r.process != nil {
			r.stop()
		}
		r.remove()
	}
}

// chaosRun runs traffic over both replicas.
func chaosRun(o options, binary string, hooks *receiver) error {
	if !strings.Contains(o.data, "HOST") {
		return errors.New("-chaos needs -data: a PostgreSQL URL with HOST in the place of its host")
	}
	replicas, err := startReplicas(binary, o.data)
	defer stopReplicas(replicas)
	if err != nil {
		return err
	}
	first, second := replicas[0], replicas[1]
	merchants, err := first.createMerchants(hooks)
	if err != nil {
		return err
	}
	t, err := newTraffic(first.process, merchants, hooks)
	if err != nil {
		return err
	}
	t.other, t.faults = second.process, true
	t.run(o.length/8, o.rate)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- chaos(replicas, stop, t.during) }()
	t.run(o.length, o.rate)
	close(stop)
	if err := <-ended; err != nil {
		return err
	}
	t.run(rest, o.rate)
	t.finish()
	time.Sleep(settled) // the last payments' retries
	for _, r := range replicas {
		rest, err := r.usage()
		if err != nil {
			return err
		}
		fmt.Printf("%s at rest: %v, %d jobs claimed\n", r.namespace, rest, rest.claimed)
		if rest.claimed > 0 {
			t.report(fmt.Errorf("%d jobs are stranded: claimed, and nothing runs them", rest.claimed))
		}
	}
	fmt.Println(t)
	return t.verdict()
}

package simulator

import (
	"cmp"
	"io/fs"
	"log/slog"
	"math"
	"math/bits"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"

	"mozartosim/simulator/journal"
)

const (
	// usualBytes is what the payments of all companies may take in memory when nothing limits the process.
	usualBytes = 1 << 30
	// usualStored is what they may take in a file or a database.
	usualStored = 16 << 30
)

// journalLimits are the limits of what is kept. In memory all payments together take a third of what the process may use: calls and
// garbage need room too.
func (c *Config) journalLimits(dropped func(journal.Drop)) journal.Limits {
	total := usualStored
	if c.Data == "" {
		total = usualBytes
		if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
			total = int(min(limit/3, usualBytes))
		}
	}
	return journal.Limits{
		Payments: c.MaxPayments, Bytes: c.MaxBytes, TotalPayments: c.MaxTotalPayments,
		TotalBytes: cmp.Or(c.MaxTotalBytes, total), Dropped: dropped,
		Requests: journal.RequestLimits{Count: c.MaxRequests, Bytes: c.MaxRequestBytes},
	}
}

// MemoryLimit is how many bytes of memory the container that this process is in may use, by its cgroup; 0 = as many as there are.
func MemoryLimit() int64 { return memoryLimit(os.DirFS("/")) }

// KeepToMemoryLimit has the garbage collector keep the process below its container's limit, unless GOMEMLIMIT says how far.
func KeepToMemoryLimit() {
	if limit := MemoryLimit(); limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 10 * 9)
	}
}

// KeepHeadroom has the garbage collector begin when what is garbage is four times what is in use, or, where more than 32 MiB are in
// use, 128 MiB or half of what is in use, whatever is more: a small heap is collected seldom, and a large one takes little more than it
// must. Until the first collection, and so through a start, it is twice.
func KeepHeadroom() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	debug.SetGCPercent(gcPercent(sample[0].Value.Uint64()))
	runtime.SetFinalizer(&collected{}, func(*collected) { KeepHeadroom() }) // after each collection
}

// collected is garbage by the time of the next collection. (It holds a pointer, so that it is not allocated together with others.)
type collected struct{ _ *byte }

// gcPercent is GOGC for so many bytes in use.
func gcPercent(live uint64) int {
	const headroom = 128 << 20
	if live == 0 {
		return 200
	}
	return int(min(400, max(50, headroom*100/live)))
}

// memoryLimit reads the lowest limit of the process's cgroup and of those above it, of version 2 or 1.
func memoryLimit(root fs.FS) (limit int64) {
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		_, group, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(group, ":")
		dir, file := "sys/fs/cgroup", "memory.max"
		if controllers != "" {
			if dir, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"; controllers != "memory" {
				continue
			}
		}
		for ; ; group = path.Dir(group) { // a container may see its own group as the root
			text, _ := fs.ReadFile(root, path.Join(dir, group, file))
			n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			if err == nil && n < noLimit && (limit == 0 || n < limit) {
				limit = n
			}
			if group == "/" || group == "." {
				break
			}
		}
	}
	return limit
}

// noLimit is larger than any memory: version 1 has such a number where there is no limit.
const noLimit = 1 << 60

// dropLog logs what limits have dropped: of each company and limit the first time, and whenever it is twice as much.
type dropLog struct {
	log *slog.Logger

	mu  sync.Mutex
	all map[journal.Drop]dropSum // by company and limit
}

type dropSum struct{ payments, jobs int } // since the start

func (l *dropLog) dropped(d journal.Drop) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := journal.Drop{Company: d.Company, Limit: d.Limit}
	sum := l.all[key]
	before := sum
	sum.payments, sum.jobs = sum.payments+d.Payments, sum.jobs+d.Jobs
	if l.all == nil {
		l.all = map[journal.Drop]dropSum{}
	}
	l.all[key] = sum
	if bits.Len(uint(sum.payments)) > bits.Len(uint(before.payments)) || bits.Len(uint(sum.jobs)) > bits.Len(uint(before.jobs)) {
		l.log.Warn("payments were dropped because a limit was reached", "limit", d.Limit, "company", d.Company,
			"payments", sum.payments, "jobs", sum.jobs)
	}
}

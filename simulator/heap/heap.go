package heap

import (
	"io/fs"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

// KeepToLimit has the garbage collector keep the process below its container's limit, unless GOMEMLIMIT says how far.
func KeepToLimit() {
	if most := limit(os.DirFS("/")); most > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(most / 10 * 9)
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

// limit is how many bytes of memory the container that this process is in may use, 0 = as many as there are: the lowest limit of
// its cgroup and of those above it, of version 2 or 1.
func limit(root fs.FS) (limit int64) {
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

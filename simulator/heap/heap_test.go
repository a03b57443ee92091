package heap

import (
	"testing"
	"testing/fstest"
)

// The limit of a container's memory is found wherever its cgroup has it.
func TestLimit(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text + "\n")} }
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  int64
	}{
		"none":            {fstest.MapFS{}, 0},
		"a namespace":     {fstest.MapFS{"proc/self/cgroup": file("0::/"), "sys/fs/cgroup/memory.max": file("536870912")}, 512 << 20},
		"no limit":        {fstest.MapFS{"proc/self/cgroup": file("0::/"), "sys/fs/cgroup/memory.max": file("max")}, 0},
		"a group above":   {fstest.MapFS{"proc/self/cgroup": file("0::/pod/one"), "sys/fs/cgroup/pod/memory.max": file("1000"), "sys/fs/cgroup/pod/one/memory.max": file("2000")}, 1000},
		"version 1":       {fstest.MapFS{"proc/self/cgroup": file("5:memory:/docker/x\n1:cpu:/y"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("4096")}, 4096},
		"version 1, none": {fstest.MapFS{"proc/self/cgroup": file("5:memory:/"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712")}, 0},
	} {
		if got := limit(test.files); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// A small heap may become five times as large before it is collected, a large one half as large again, and one between them by 128 MiB.
func TestGCPercent(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 200, 10 << 20: 400, 32 << 20: 400, 64 << 20: 200, 100 << 20: 128, 128 << 20: 100, 200 << 20: 64, 1 << 30: 50} {
		if got := gcPercent(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}

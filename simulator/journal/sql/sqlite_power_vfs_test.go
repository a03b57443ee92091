package sqljournal

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// This is a file system for SQLite that does what the usual one does, and records what is written and when it is made durable.
// From the record comes what a disk may have after the power failed at any moment: all that was synced, and of the rest anything.

// deed is what SQLite did to a file.
type deed struct {
	file string // its base name
	kind deedKind
	at   int64 // where it was written, or the size that it was cut to
	data []byte
}

type deedKind int

const (
	wrote deedKind = iota
	cut
	synced
	unlinked
)

// record is what was done to the files of one folder, in order.
type record struct {
	mu  sync.Mutex
	all []deed
}

func (r *record) add(d deed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, d)
}

func (r *record) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.all)
}

// recorder is the file system as SQLite knows it. SQLite's registry is one for the process, and its functions have no place for
// a value, so there is one recorder.
var recorder struct {
	once    sync.Once
	real    *vfs
	mu      sync.Mutex
	records map[string]*record    // by folder
	files   map[uintptr]*recorded // that are open
	methods map[uintptr]uintptr   // ours, by those that they stand before
}

// recorded is an open file.
type recorded struct {
	name   string
	record *record
	real   *ioMethods
}

// vfs and ioMethods are SQLite's sqlite3_vfs and sqlite3_io_methods.
type vfs struct {
	version, fileSize, maxPath                   int32
	_                                            int32
	next, name, data                             uintptr
	open, remove, access, fullPath               uintptr
	dlOpen, dlError, dlSym, dlClose              uintptr
	randomness, sleep, time, lastError, time64   uintptr
	setSystemCall, getSystemCall, nextSystemCall uintptr
}

type ioMethods struct {
	version                                           int32
	_                                                 int32
	shut, read, write, truncate, sync                 uintptr
	size, lock, unlock, reserved, control             uintptr
	sector, traits, shmMap, shmLock, barrier, shmFree uintptr
	fetch, unfetch                                    uintptr
}

// at returns what is at an address of SQLite's memory, which is none of Go's.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// function makes a function of SQLite's pointer to one.
func function[F any](pointer uintptr) F { return *(*F)(unsafe.Pointer(&pointer)) }

// pointer is how SQLite points to one of our functions, which must be one of the package's.
func pointer[F any](fn F) uintptr { return *(*uintptr)(unsafe.Pointer(&fn)) }

type (
	openFunc     func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32
	removeFunc   func(*libc.TLS, uintptr, uintptr, int32) int32
	closeFunc    func(*libc.TLS, uintptr) int32
	writeFunc    func(*libc.TLS, uintptr, uintptr, int32, int64) int32
	truncateFunc func(*libc.TLS, uintptr, int64) int32
	syncFunc     func(*libc.TLS, uintptr, int32) int32
)

// recording records what happens in a folder from now on; name is that of the file system.
func recording(folder string) (name string, r *record) {
	const ours = "recording"
	recorder.once.Do(func() {
		tls := libc.NewTLS()
		recorder.real = at[vfs](sqlite3.Xsqlite3_vfs_find(tls, 0))
		recorder.records, recorder.files, recorder.methods = map[string]*record{}, map[uintptr]*recorded{}, map[uintptr]uintptr{}
		address := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(vfs{})))
		made := at[vfs](address)
		*made = *recorder.real
		made.name, _ = libc.CString(ours)
		made.open, made.remove = pointer[openFunc](recordOpen), pointer[removeFunc](recordRemove)
		sqlite3.Xsqlite3_vfs_register(tls, address, 0)
	})
	recorder.mu.Lock()
	defer recorder.mu.Unlock()
	r = &record{}
	recorder.records[folder] = r
	return ours, r
}

func recordOpen(tls *libc.TLS, self, name, file uintptr, flags int32, out uintptr) int32 {
	code := function[openFunc](recorder.real.open)(tls, self, name, file, flags, out)
	if code != sqlite3.SQLITE_OK || name == 0 {
		return code
	}
	path := libc.GoString(name)
	recorder.mu.Lock()
	defer recorder.mu.Unlock()
	r := recorder.records[filepath.Dir(path)]
	if r == nil {
		return code
	}
	methods := at[uintptr](file) // the file's first field
	recorder.files[file] = &recorded{name: filepath.Base(path), record: r, real: at[ioMethods](*methods)}
	if recorder.methods[*methods] == 0 {
		address := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(ioMethods{})))
		made := at[ioMethods](address)
		*made = *at[ioMethods](*methods)
		made.shut, made.write = pointer[closeFunc](recordClose), pointer[writeFunc](recordWrite)
		made.truncate, made.sync = pointer[truncateFunc](recordTruncate), pointer[syncFunc](recordSync)
		recorder.methods[*methods] = address
	}
	*methods = recorder.methods[*methods]
	return code
}

func recordedFile(file uintptr) *recorded {
	recorder.mu.Lock()
	defer recorder.mu.Unlock()
	return recorder.files[file]
}

func recordClose(tls *libc.TLS, file uintptr) int32 {
	f := recordedFile(file)
	recorder.mu.Lock()
	delete(recorder.files, file)
	recorder.mu.Unlock()
	return function[closeFunc](f.real.shut)(tls, file)
}

func recordWrite(tls *libc.TLS, file, data uintptr, n int32, to int64) int32 {
	f := recordedFile(file)
	f.record.add(deed{file: f.name, kind: wrote, at: to, data: slices.Clone(unsafe.Slice(at[byte](data), n))})
	return function[writeFunc](f.real.write)(tls, file, data, n, to)
}

func recordTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	f := recordedFile(file)
	f.record.add(deed{file: f.name, kind: cut, at: size})
	return function[truncateFunc](f.real.truncate)(tls, file, size)
}

func recordSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	f := recordedFile(file)
	code := function[syncFunc](f.real.sync)(tls, file, flags)
	f.record.add(deed{file: f.name, kind: synced})
	return code
}

func recordRemove(tls *libc.TLS, self, name uintptr, sync int32) int32 {
	path := libc.GoString(name)
	recorder.mu.Lock()
	r := recorder.records[filepath.Dir(path)]
	recorder.mu.Unlock()
	if r != nil {
		r.add(deed{file: filepath.Base(path), kind: unlinked})
	}
	return function[removeFunc](recorder.real.remove)(tls, self, name, sync)
}

// disk is what is durable, and what is on its way.
type disk struct {
	durable map[string][]byte
	waiting map[string][]deed
}

func newDisk() *disk { return &disk{durable: map[string][]byte{}, waiting: map[string][]deed{}} }

func (k *disk) do(d deed) {
	switch d.kind {
	case synced:
		image := k.durable[d.file]
		for _, before := range k.waiting[d.file] {
			image = before.on(image, len(before.data))
		}
		k.durable[d.file], k.waiting[d.file] = image, nil
	case unlinked:
		delete(k.durable, d.file)
		delete(k.waiting, d.file)
	default:
		k.waiting[d.file] = append(k.waiting[d.file], d)
	}
}

// sectorSize is what a disk writes whole or not at all.
const sectorSize = 512

// afterPowerLoss is what the files may have when the power fails now: of what was not synced each write is there, or missing, or
// there in part.
func (k *disk) afterPowerLoss(chance *rand.Rand) map[string][]byte {
	files := map[string][]byte{}
	for name, image := range k.durable {
		files[name] = slices.Clone(image)
	}
	kept := chance.IntN(5) // of four writes: none, some, all
	for name, waiting := range k.waiting {
		for _, d := range waiting {
			if chance.IntN(4) >= kept {
				continue
			}
			n := len(d.data)
			if n > sectorSize && chance.IntN(4) == 0 {
				n = chance.IntN(n/sectorSize) * sectorSize
			}
			files[name] = d.on(files[name], n)
		}
	}
	return files
}

// on is an image with the first n bytes of a write on it, or cut.
func (d *deed) on(image []byte, n int) []byte {
	if d.kind == cut {
		if int(d.at) < len(image) {
			return image[:d.at]
		}
		return append(image, make([]byte, int(d.at)-len(image))...)
	}
	if end := int(d.at) + n; end > len(image) {
		image = append(image, make([]byte, end-len(image))...)
	}
	copy(image[d.at:], d.data[:n])
	return image
}

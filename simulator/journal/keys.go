package journal

import (
	"fmt"
	"sync"
)

// keyIndex knows which stream owns each key, over all companies. (A sync.Map would scatter a hundred thousand entries over the
// heap; this one is a single table, which is less work to fill and for the garbage collector to walk.)
type keyIndex struct {
	mu     sync.RWMutex
	owners map[string]*stream
}

func newKeyIndex() *keyIndex { return &keyIndex{owners: map[string]*stream{}} }

// owner returns the stream that owns a key, nil when none does.
func (k *keyIndex) owner(key string) *stream {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.owners[key]
}

// taken returns a key of a copy that another company than this one has.
func (k *keyIndex) taken(from *Checked, company string) (key string, taken bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for key, owner := range k.owners {
		if owner.company != company && from.has(key) {
			return key, true
		}
	}
	return "", false
}

// claim gives a free key to a stream and returns the key's owner: the stream, or who had it before.
func (k *keyIndex) claim(key string, st *stream) (owner *stream, fresh bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if owner = k.owners[key]; owner != nil {
		return owner, false
	}
	k.owners[key] = st
	return st, true
}

// release frees a key that the stream owns; another's stays.
func (k *keyIndex) release(key string, st *stream) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.owners[key] == st {
		delete(k.owners, key)
	}
}

// releaseAll frees all keys of a stream.
func (k *keyIndex) releaseAll(st *stream) {
	for _, key := range st.keys {
		k.release(key, st)
	}
}

// claimAll takes all keys for the stream, or none.
func (k *keyIndex) claimAll(st *stream, keys []string) error {
	fresh := len(st.keys) // the stream's keys from here on are new
	for _, key := range keys {
		owner, free := k.claim(key, st)
		switch {
		case free:
			st.keys = append(st.keys, key)
		case owner != st:
			for _, mine := range st.keys[fresh:] {
				k.release(mine, st)
			}
			st.keys = st.keys[:fresh]
			return fmt.Errorf("key %s: %w", key, ErrExists)
		}
	}
	return nil
}

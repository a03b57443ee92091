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

// claim takes all keys for a stream, or none: ErrExists.
func (k *keyIndex) claim(st *stream, keys []string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range keys {
		if owner := k.owners[key]; owner != nil && owner != st {
			return fmt.Errorf("key %s: %w", key, ErrExists)
		}
	}
	for _, key := range keys {
		if k.owners[key] == nil {
			k.owners[key] = st
			st.keys = append(st.keys, key)
		}
	}
	return nil
}

// release frees all keys of streams.
func (k *keyIndex) release(streams ...*stream) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, st := range streams {
		for _, key := range st.keys {
			if k.owners[key] == st { // another's stays
				delete(k.owners, key)
			}
		}
	}
}

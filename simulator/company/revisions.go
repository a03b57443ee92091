package company

import "sync"

type settingKey struct {
	company string
	name    Name
}

// revisions are those of the settings as this process knows them.
type revisions struct {
	mu    sync.Mutex
	upTo  uint64 // settings up to this revision have been applied
	known map[settingKey]uint64
}

// get returns a setting's revision, 0 when this process knows of none.
func (r *revisions) get(key settingKey) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[key]
}

func (r *revisions) set(key settingKey, rev uint64, deleted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if deleted {
		delete(r.known, key)
		return
	}
	r.known[key] = rev
}

func (r *revisions) applied() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.upTo
}

func (r *revisions) setApplied(rev uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.upTo = max(r.upTo, rev)
}

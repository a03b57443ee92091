package backoffice

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// MaxCompanies bounds a directory unless told otherwise (assumed).
const MaxCompanies = 10_000

// Directory holds all companies. It is safe for concurrent use; a *Company that it hands out is never changed again.
type Directory struct {
	seed uint64
	room int

	mu    sync.RWMutex
	byID  map[string]*Company
	byKey map[string]*Company
	order []string // ids, oldest first
}

// NewDirectory makes an empty directory. seed gives companies their ids and credentials where they have none.
func NewDirectory(seed uint64) *Directory {
	return &Directory{seed: seed, room: MaxCompanies, byID: map[string]*Company{}, byKey: map[string]*Company{}}
}

// Taken says that a name, id or apiKey belongs to another company already.
type Taken struct{ Field, Value string }

func (e *Taken) Error() string {
	return fmt.Sprintf("%s %q belongs to another company", e.Field, e.Value)
}

// Full says that no more companies fit.
type Full struct{ Room int }

func (e *Full) Error() string {
	return fmt.Sprintf("there are %d companies already, the most allowed", e.Room)
}

// Put adds a company, or changes the one with the same id, and returns it complete. Errors: *Taken, *Full.
func (d *Directory) Put(c Company, now time.Time) (*Company, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c.complete(d.seed, now)
	for _, other := range d.byID {
		switch {
		case other.ID == c.ID:
		case other.Name == c.Name:
			return nil, &Taken{"name", c.Name}
		case other.Credentials.APIKey == c.Credentials.APIKey:
			return nil, &Taken{"credentials.apiKey", c.Credentials.APIKey}
		}
	}
	old := d.byID[c.ID]
	if old == nil {
		if len(d.byID) >= d.room {
			return nil, &Full{d.room}
		}
		d.order = append(d.order, c.ID)
	} else {
		delete(d.byKey, old.Credentials.APIKey)
	}
	d.byID[c.ID], d.byKey[c.Credentials.APIKey] = &c, &c
	return &c, nil
}

// Get finds a company by id or by name.
func (d *Directory) Get(idOrName string) (*Company, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if c := d.byID[idOrName]; c != nil {
		return c, true
	}
	for _, c := range d.byID {
		if c.Name == idOrName {
			return c, true
		}
	}
	return nil, false
}

// ByAPIKey finds a company by its credentials.
func (d *Directory) ByAPIKey(key string) (*Company, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	c, ok := d.byKey[key]
	return c, ok
}

// Delete removes a company; ok is false when there is none.
func (d *Directory) Delete(id string) (ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.byID[id]
	if c == nil {
		return false
	}
	delete(d.byID, id)
	delete(d.byKey, c.Credentials.APIKey)
	d.order = slices.DeleteFunc(d.order, func(other string) bool { return other == id })
	return true
}

// List returns all companies, oldest first.
func (d *Directory) List() []*Company {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := make([]*Company, len(d.order))
	for i, id := range d.order {
		out[i] = d.byID[id]
	}
	return out
}

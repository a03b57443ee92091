package backoffice

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// MaxCompanies bounds a directory unless told otherwise (assumed).
const MaxCompanies = 10_000

// Store keeps companies beyond the process.
type Store interface {
	// SaveCompany is called before a company is put, and with nil when it is to be deleted; an error leaves everything as it
	// is. order is its place among the companies.
	SaveCompany(id string, c *Company, order int) error
}

// Directory holds all companies. It is safe for concurrent use; a *Company that it hands out is never changed again.
type Directory struct {
	seed   uint64
	room   int
	keeper Store // nil = nobody keeps them

	mu     sync.RWMutex
	byID   map[string]*Company
	byKey  map[string]*Company
	places map[string]int // of companies by id: their order
	last   int            // the highest place so far
}

// NewDirectory makes an empty directory. seed gives companies their ids and credentials where they have none.
func NewDirectory(seed uint64) *Directory {
	return &Directory{
		seed: seed, room: MaxCompanies,
		byID: map[string]*Company{}, byKey: map[string]*Company{}, places: map[string]int{},
	}
}

// SetStore makes the directory hand everything that is put or deleted to a keeper first. It is called before the first use.
func (d *Directory) SetStore(k Store) { d.keeper = k }

// Limit sets how many companies fit; 0 leaves it at MaxCompanies.
func (d *Directory) Limit(room int) {
	if room > 0 {
		d.room = room
	}
}

// Taken says that a name, id or apiKey belongs to another company already.
type Taken struct{ Field, Value string }

func (e *Taken) Error() string {
	return fmt.Sprintf("%s %q belongs to another company", e.Field, e.Value)
}

// Full says that no more companies fit.
type Full struct{ Max int }

func (e *Full) Error() string {
	return fmt.Sprintf("there are %d companies already, the most allowed", e.Max)
}

// Put adds a company, or changes the one with the same id, and returns it complete. Errors: *Taken, *Full, the keeper's.
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
	place, there := d.places[c.ID]
	if !there {
		if len(d.byID) >= d.room {
			return nil, &Full{d.room}
		}
		place = d.last + 1
	}
	if d.keeper != nil {
		if err := d.keeper.SaveCompany(c.ID, &c, place); err != nil {
			return nil, err
		}
	}
	d.insert(&c, place)
	return &c, nil
}

// Insert puts a company that is kept already at its place, whatever it says.
func (d *Directory) Insert(c Company, place int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.insert(&c, place)
}

func (d *Directory) insert(c *Company, place int) {
	d.remove(c.ID)
	d.byID[c.ID], d.byKey[c.Credentials.APIKey], d.places[c.ID] = c, c, place
	d.last = max(d.last, place)
}

// Remove takes a company out that is not kept any more.
func (d *Directory) Remove(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.remove(id)
}

func (d *Directory) remove(id string) {
	c := d.byID[id]
	if c == nil {
		return
	}
	delete(d.byID, id)
	delete(d.places, id)
	if d.byKey[c.Credentials.APIKey] == c {
		delete(d.byKey, c.Credentials.APIKey)
	}
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

// Delete removes a company; ok is false when there is none. The error is the keeper's, and then nothing is removed.
func (d *Directory) Delete(id string) (ok bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byID[id] == nil {
		return false, nil
	}
	if d.keeper != nil {
		if err := d.keeper.SaveCompany(id, nil, 0); err != nil {
			return false, err
		}
	}
	d.remove(id)
	return true, nil
}

// List returns all companies, oldest first.
func (d *Directory) List() []*Company {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := slices.Collect(maps.Values(d.byID))
	slices.SortFunc(out, func(a, b *Company) int { return cmp.Compare(d.places[a.ID], d.places[b.ID]) })
	return out
}

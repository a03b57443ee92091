package backoffice

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// MaxCompanies bounds a directory unless its Max is another (assumed).
const MaxCompanies = 10_000

// Store saves companies, so that they outlive the process.
type Store interface {
	// SaveCompany is called before a company is put, and with nil before it is deleted; after an error nothing is changed.
	// order is its place among the companies.
	SaveCompany(id string, c *Company, order int) error
}

// Directory has all companies. It is safe for concurrent use; a *Company that it returns is never changed again.
type Directory struct {
	Max   int   // companies that it may have
	Store Store // nil = companies are not saved

	seed uint64

	mu     sync.RWMutex
	byID   map[string]*Company
	byKey  map[string]*Company
	orders map[string]int // by id
	last   int            // the highest order so far
}

// NewDirectory makes an empty directory. seed gives companies their ids and credentials where they have none.
func NewDirectory(seed uint64) *Directory {
	return &Directory{
		seed: seed, Max: MaxCompanies,
		byID: map[string]*Company{}, byKey: map[string]*Company{}, orders: map[string]int{},
	}
}

// Taken says that a name or id already names another company, or an apiKey belongs to it.
type Taken struct{ Field, Value string }

func (e *Taken) Error() string {
	return fmt.Sprintf("%s %q belongs to another company", e.Field, e.Value)
}

// Full says that the limit of companies is reached.
type Full struct{ Max int }

func (e *Full) Error() string {
	return fmt.Sprintf("there are %d companies already, the most allowed", e.Max)
}

// Put adds a company, or changes the one with the same id, and returns it complete. Errors: *Taken, *Full, the store's.
func (d *Directory) Put(c Company, now time.Time) (*Company, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c.complete(d.seed, now)
	return d.put(&c)
}

// Add adds a new company. Unlike Put it never changes an existing one: an id that is taken (also a drawn one, because the company
// that had the name before was renamed) is a *Taken.
func (d *Directory) Add(c Company, now time.Time) (*Company, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, taken := d.get(c.Name); taken && c.ID == "" {
		return nil, &Taken{"name", c.Name}
	}
	c.complete(d.seed, now)
	if d.byID[c.ID] != nil {
		return nil, &Taken{"id", c.ID}
	}
	return d.put(&c)
}

func (d *Directory) put(c *Company) (*Company, error) {
	for _, other := range d.byID {
		switch {
		case other.ID == c.ID:
		case other.Name == c.Name, other.ID == c.Name:
			return nil, &Taken{"name", c.Name}
		case other.Name == c.ID: // which calls would find in its place
			return nil, &Taken{"id", c.ID}
		case other.Credentials.APIKey == c.Credentials.APIKey:
			return nil, &Taken{"credentials.apiKey", c.Credentials.APIKey}
		}
	}
	order, exists := d.orders[c.ID]
	if !exists {
		if len(d.byID) >= d.Max {
			return nil, &Full{d.Max}
		}
		order = d.last + 1
	}
	if exists {
		c.remember(d.byID[c.ID])
	}
	if d.Store != nil {
		if err := d.Store.SaveCompany(c.ID, c, order); err != nil {
			return nil, err
		}
	}
	d.insert(c, order)
	return c, nil
}

// Insert adds a company that is saved already, without any check.
func (d *Directory) Insert(c Company, order int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.insert(&c, order)
}

func (d *Directory) insert(c *Company, order int) {
	d.remove(c.ID)
	d.byID[c.ID], d.byKey[c.Credentials.APIKey], d.orders[c.ID] = c, c, order
	d.last = max(d.last, order)
}

// Remove removes a company that is not saved any more.
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
	delete(d.orders, id)
	if d.byKey[c.Credentials.APIKey] == c {
		delete(d.byKey, c.Credentials.APIKey)
	}
}

// Delete removes a company; ok is false when there is none. The error is the store's, and then nothing is removed.
func (d *Directory) Delete(id string) (ok bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byID[id] == nil {
		return false, nil
	}
	if d.Store != nil {
		if err := d.Store.SaveCompany(id, nil, 0); err != nil {
			return false, err
		}
	}
	d.remove(id)
	return true, nil
}

// Get finds a company by id or by name.
func (d *Directory) Get(idOrName string) (*Company, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.get(idOrName)
}

func (d *Directory) get(idOrName string) (*Company, bool) {
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

// Has says whether there is a company with an id.
func (d *Directory) Has(id string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.byID[id] != nil
}

// ByAPIKey finds a company by its credentials.
func (d *Directory) ByAPIKey(key string) (*Company, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	c, ok := d.byKey[key]
	return c, ok
}

// List returns all companies, oldest first.
func (d *Directory) List() []*Company {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := slices.Collect(maps.Values(d.byID))
	slices.SortFunc(out, func(a, b *Company) int { return cmp.Compare(d.orders[a.ID], d.orders[b.ID]) })
	return out
}

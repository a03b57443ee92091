package backoffice

import "time"

// Add puts a new company in. Unlike Put it never changes one that is there: an id that is taken (also one that was drawn,
// because the company that had the name before was renamed) is a *Taken. Callers that add at the same time must take turns.
func (d *Directory) Add(c Company, now time.Time) (*Company, error) {
	if _, taken := d.Get(c.Name); taken && c.ID == "" {
		return nil, &Taken{"name", c.Name}
	}
	c.complete(d.seed, now)
	d.mu.RLock()
	_, taken := d.byID[c.ID]
	d.mu.RUnlock()
	if taken {
		return nil, &Taken{"id", c.ID}
	}
	return d.Put(c, now)
}

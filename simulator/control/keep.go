package control

import (
	"fmt"
)

// MaxSnapshot bounds the body of a restore, in bytes.
const MaxSnapshot = 256 << 20

func (s *server) snapshot(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	doc, err := s.Snapshots.Snapshot(r.Context(), c.ID)
	if err != nil {
		return reply{}, fmt.Errorf("snapshot of %s: %w", c.Name, err)
	}
	return ok(doc)
}

func (s *server) restoreCompany(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	text, err := r.text(MaxSnapshot)
	if err != nil {
		return reply{}, err
	}
	restored, err := s.Snapshots.Restore(r.Context(), c.ID, text)
	if err != nil {
		return reply{}, fmt.Errorf("restore %s: %w", c.Name, err)
	}
	return ok(restored)
}

func (s *server) resetCompany(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	dropped, err := s.Reset(r.Context(), c.ID)
	if err != nil {
		return reply{}, fmt.Errorf("forget the payments of %s: %w", c.Name, err)
	}
	return ok(map[string]int{"dropped": dropped})
}

package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// numbering is one call of Ordinal.
type numbering struct {
	boarded
	given uint64
	err   error
}

// Ordinal implements journal.Journal. Calls that wait at the same moment share a block of numbers; none is kept in stock, so
// that a lone caller's numbers follow each other.
func (j *Journal) Ordinal(ctx context.Context, company string) (uint64, error) {
	if err := plain(company); err != nil {
		return 0, err
	}
	p := &numbering{boarded: boarded{done: make(chan struct{})}}
	bound, cancel := j.bounded(ctx, 1)
	defer cancel()
	if !j.ordinals.board(company, p) {
		return 0, journal.ErrClosed
	}
	if p.await(bound) {
		return 0, j.failed("ordinal", j.cause(bound, nil))
	}
	return p.given, p.err
}

func (j *Journal) flyOrdinals(company string, waiting []*numbering) {
	batch := slices.DeleteFunc(waiting, func(p *numbering) bool { return !p.begin() })
	if len(batch) == 0 {
		return
	}
	var last int64
	err := j.try(context.Background(), "ordinal", func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `INSERT INTO ordinals (company, last) VALUES ($1, $2)
			ON CONFLICT (company) DO UPDATE SET last = ordinals.last + EXCLUDED.last RETURNING last`, company, len(batch)).Scan(&last)
	})
	for i, p := range batch {
		p.given, p.err = uint64(last)-uint64(len(batch)-1-i), err
		close(p.done)
	}
}

package sqljournal

import (
	"context"
	"fmt"
	"math"
	"sync"
	"unicode/utf8"

	"mozartosim/simulator/journal"
)

// settingsScope is that of all settings, so that revisions appear in order.
const settingsScope = "settings"

// PutSetting implements journal.Journal.
func (s *store) PutSetting(ctx context.Context, put journal.Setting) (rev uint64, err error) {
	err = s.transact(ctx, call{what: "put setting", scope: settingsScope}, func(ctx context.Context, t *tx) error {
		var last, known int64
		err := t.run(ctx, ask("SELECT coalesce(max(rev), 0) FROM settings").into(&last),
			ask("SELECT rev FROM settings WHERE company = $1 AND name = $2 AND gone = 0", put.Company, put.Name).into(&known))
		if err != nil {
			return err
		}
		if known != int64(put.Rev) {
			return fmt.Errorf("setting %s of %s has revision %d, the writer knew %d: %w", put.Name, put.Company, known, put.Rev, journal.ErrConflict)
		}
		if rev = 0; put.Data == nil && known == 0 {
			return nil
		}
		rev = uint64(last) + 1
		t.later(ask(`INSERT INTO settings (company, name, rev, gone, encoding, data) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (company, name) DO UPDATE SET rev = excluded.rev, gone = excluded.gone, encoding = excluded.encoding,
			data = excluded.data`, settingRow(put, int64(rev))...))
		return nil
	})
	if err != nil {
		return 0, err
	}
	if rev > 0 {
		s.signals.Tell(put.Company, "")
		s.tellOthers(put.Company, aboutSettings)
	}
	return rev, nil
}

func settingRow(put journal.Setting, rev int64) []any {
	gone := int64(0)
	if put.Data == nil {
		gone = 1
	}
	data := packText(packText(packText(nil, put.Company), put.Name), put.Data)
	return []any{put.Company, put.Name, rev, gone, int64(plainEncoding), seal(data, rev, gone)}
}

// Settings implements journal.Journal.
func (s *store) Settings(ctx context.Context, q journal.SettingQuery) (found []journal.Setting, err error) {
	text, args := "SELECT rev, gone, encoding, data FROM settings WHERE rev > $1", []any{int64(min(q.After, 1<<62))}
	if q.Named != "" { // the key finds those of no company
		text += " AND company = '' AND substr(name, 1, $3) = $2"
		args = append(args, q.Named, utf8.RuneCountInString(q.Named))
	}
	err = s.run(ctx, "settings", func(ctx context.Context, c conn) error {
		found = nil
		var rev, gone, encoding int64
		var data []byte
		return c.run(ctx, ask(text+" ORDER BY rev", args...).scan(func() error {
			u, err := unseal(encoding, data, rev, gone)
			if err != nil {
				return fmt.Errorf("setting %d: %w", rev, err)
			}
			s := journal.Setting{Company: u.text(), Name: u.text(), Rev: uint64(rev), Data: u.bytes()}
			if gone == 1 {
				s.Data = nil
			}
			found = append(found, s)
			return u.end()
		}, &rev, &gone, &encoding, &data))
	})
	return found, err
}

// ordinals number the payments of companies.
type ordinals struct {
	*store
	batches *batches[*numbering]

	mu    sync.Mutex
	stock map[string]reserved // ordinals that were reserved and not given yet, by company
}

type reserved struct{ next, left uint64 }

// numbering is one call of Ordinal.
type numbering struct {
	known uint64 // the Rev of the last setting that the caller knows
	given uint64 // 0 = there are later settings
}

func newOrdinals(s *store) *ordinals {
	o := &ordinals{store: s, stock: map[string]reserved{}}
	o.batches = newBatches(1<<16, patience, o.write)
	return o
}

// Ordinal implements journal.Journal. Calls that wait at the same moment share a write.
func (o *ordinals) Ordinal(ctx context.Context, company string, known uint64) (uint64, error) {
	if n := o.take(company); n > 0 && !o.signals.Over() {
		return n, nil
	}
	p := &numbering{known: known}
	if err := o.batches.do(ctx, company, p); err != nil {
		return 0, err
	}
	if p.given == 0 {
		return 0, journal.ErrOutdated
	}
	return p.given, nil
}

// block is how many ordinals a process that has the journal for itself takes into stock with one write. So many may be left
// out after a crash, none otherwise. One that shares it takes none: another may number the company's payments anew by a reset.
const block = 1024

func (o *ordinals) write(company string, calls []*numbering) error {
	if o.others != nil {
		return o.number(company, calls)
	}
	for i, p := range calls {
		for p.given = o.take(company); p.given == 0; p.given = o.take(company) {
			n := int64(len(calls) - i + block)
			last, err := o.reserve(company, n)
			if err != nil {
				return err
			}
			o.put(company, reserved{last - uint64(n) + 1, uint64(n)})
		}
	}
	return nil
}

// reserve takes so many ordinals, and returns the last of them.
func (o *ordinals) reserve(company string, n int64) (last uint64, err error) {
	err = o.db.run(context.Background(), call{what: "ordinal"}, func(ctx context.Context, c conn) error {
		return c.run(ctx, nextOrdinals(company, n, math.MaxInt64, func(given uint64) { last = given }))
	})
	return last, err
}

// number gives ordinals to the callers who know all settings, which are looked at in the same statement.
func (o *ordinals) number(company string, calls []*numbering) error {
	groups := map[uint64][]*numbering{}
	for _, p := range calls {
		groups[p.known] = append(groups[p.known], p)
	}
	return o.db.run(context.Background(), call{what: "ordinal"}, func(ctx context.Context, c conn) error {
		var statements []statement
		for _, p := range calls {
			p.given = 0 // it may be tried again
		}
		for known, its := range groups {
			statements = append(statements, nextOrdinals(company, int64(len(its)), known, func(last uint64) {
				for i, p := range its {
					p.given = last - uint64(len(its)-1-i)
				}
			}))
		}
		return c.run(ctx, statements...)
	})
}

// nextOrdinals takes so many ordinals, and gives the last of them, unless a setting has been put that has a later revision than the
// one that is known.
func nextOrdinals(company string, n int64, known uint64, give func(last uint64)) statement {
	var last, inverse int64
	return ask(`INSERT INTO ordinals (company, last, inverse) SELECT $1, $2, $3 WHERE (SELECT coalesce(max(rev), 0) FROM settings) <= $4
		ON CONFLICT (company) DO UPDATE SET last = ordinals.last + excluded.last, inverse = ordinals.inverse + excluded.inverse
		RETURNING last, inverse`, company, n, -n, int64(min(known, math.MaxInt64))).scan(func() error { //nolint:gosec // at most that
		give(uint64(last))
		return nil
	}, &last, &inverse)
}

// last reads the last ordinal of a company that was given.
func (o *ordinals) last(company string, given *uint64) statement {
	var last, inverse int64
	return ask("SELECT last, inverse FROM ordinals WHERE company = $1", company).scan(func() error {
		if last != -inverse {
			return fmt.Errorf("the last ordinal of company %s: %w", company, errDamaged)
		}
		*given = uint64(last) - o.left(company)
		return nil
	}, &last, &inverse)
}

// close puts back what is in stock, so that none are left out after an orderly end, unless another process has taken some since.
func (o *ordinals) close() error {
	o.batches.close()
	for company, r := range o.stock {
		if r.left == 0 {
			continue
		}
		kept, last := int64(r.next)-1, int64(r.next+r.left)-1
		err := o.db.run(context.Background(), call{what: "ordinal"}, func(ctx context.Context, c conn) error {
			return c.run(ctx, ask("UPDATE ordinals SET last = $2, inverse = $3 WHERE company = $1 AND last = $4", company, kept, -kept, last))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// take gives an ordinal, 0 when there is none in stock.
func (o *ordinals) take(company string) uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.stock[company]
	if r.left == 0 {
		return 0
	}
	o.stock[company] = reserved{r.next + 1, r.left - 1}
	return r.next
}

func (o *ordinals) put(company string, r reserved) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stock[company] = r
}

// left is how many of a company are in stock.
func (o *ordinals) left(company string) uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stock[company].left
}

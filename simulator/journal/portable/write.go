package portable

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"

	"mozartosim/simulator/journal"
)

// Summary counts what was written, read or checked.
type Summary struct{ Companies, Payments, Entries, Due, Notes int }

func (s Summary) String() string {
	return fmt.Sprintf("%s, %s with %s, %s of due work, %s", count(s.Companies, "company", "companies"),
		count(s.Payments, "payment", "payments"), count(s.Entries, "entry", "entries"), count(s.Due, "piece", "pieces"), count(s.Notes, "note", "notes"))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

// Write writes everything that is in a journal; program is the version of whoever writes. A journal that others write to
// meanwhile is copied one company after the other.
func Write(ctx context.Context, out io.Writer, j journal.Journal, program string) (sum Summary, err error) {
	w := &writer{out: bufio.NewWriterSize(out, 1<<20)}
	if err := w.write(line{Head: &head{Version, program}}); err != nil {
		return sum, err
	}
	notes, companies, err := survey(ctx, j)
	if err != nil {
		return sum, err
	}
	for _, n := range notes {
		if err := w.write(line{Note: &note{n.Company, n.Name, contentOf(n.Data)}}); err != nil {
			return sum, err
		}
	}
	sum.Notes, sum.Companies = len(notes), len(companies)
	for _, id := range companies {
		if err := w.company(ctx, j, id, &sum); err != nil {
			return sum, fmt.Errorf("company %s: %w", id, err)
		}
	}
	if err := w.write(line{End: &end{w.lines + 1}}); err != nil {
		return sum, err
	}
	return sum, w.out.Flush()
}

// survey returns the notes that are there, and all companies, sorted.
func survey(ctx context.Context, j journal.Journal) (there []journal.Setting, companies []string, err error) {
	notes, err := j.Settings(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	if companies, err = j.Companies(ctx); err != nil {
		return nil, nil, err
	}
	for _, n := range notes {
		if n.Data == nil {
			continue
		}
		there = append(there, n)
		if n.Company != "" {
			companies = append(companies, n.Company)
		}
	}
	slices.Sort(companies)
	return there, slices.Compact(companies), nil
}

func (w *writer) company(ctx context.Context, j journal.Journal, id string, sum *Summary) error {
	var waiting []journal.Job
	head := func(c journal.Copy) error {
		waiting = c.Jobs
		return w.write(line{Company: &company{id, c.Ordinal, c.Began, c.Seq}})
	}
	each := func(st journal.StreamCopy) error {
		sum.Payments++
		sum.Entries += len(st.Entries)
		return w.write(streamLine(st))
	}
	if err := j.Walk(ctx, id, head, each); err != nil {
		return err
	}
	sum.Due += len(waiting)
	for _, d := range waiting {
		if err := w.write(dueLine(d)); err != nil {
			return err
		}
	}
	return nil
}

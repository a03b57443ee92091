package portable

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/words"
)

// Summary counts what was written, read or checked.
type Summary struct{ Companies, Payments, Entries, Jobs, Settings int }

func (s Summary) String() string {
	return fmt.Sprintf("%s, %s with %s, %s, %s", words.Count(s.Companies, "company", "companies"),
		words.Count(s.Payments, "payment"), words.Count(s.Entries, "entry", "entries"), words.Count(s.Jobs, "job"), words.Count(s.Settings, "setting"))
}

// Write writes everything that is in a journal; program is the version of the program that writes. A journal that others
// write to meanwhile is copied one company after the other.
func Write(ctx context.Context, out io.Writer, j journal.Journal, program string) (sum Summary, err error) {
	w := &writer{out: bufio.NewWriterSize(out, 1<<20)}
	if err := w.write(line{Head: &head{Version, program}}); err != nil {
		return sum, err
	}
	settings, companies, err := survey(ctx, j)
	if err != nil {
		return sum, err
	}
	for _, s := range settings {
		if err := w.write(line{Setting: &setting{s.Company, s.Name, contentOf(s.Data)}}); err != nil {
			return sum, err
		}
	}
	sum.Settings, sum.Companies = len(settings), len(companies)
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

// survey returns the settings that are there, and all companies, sorted.
func survey(ctx context.Context, j journal.Journal) (there []journal.Setting, companies []string, err error) {
	all, err := j.Settings(ctx, journal.SettingQuery{})
	if err != nil {
		return nil, nil, err
	}
	if companies, err = j.Companies(ctx); err != nil {
		return nil, nil, err
	}
	for _, s := range all {
		if s.Data == nil {
			continue
		}
		there = append(there, s)
		if s.Company != "" {
			companies = append(companies, s.Company)
		}
	}
	slices.Sort(companies)
	return there, slices.Compact(companies), nil
}

func (w *writer) company(ctx context.Context, j journal.Journal, id string, sum *Summary) error {
	return j.Walk(ctx, id, journal.Visitor{
		Counters: func(n journal.Counters) error { return w.write(line{Company: &company{id, n}}) },
		Stream: func(st journal.StreamCopy) error {
			sum.Payments++
			sum.Entries += len(st.Entries)
			return w.write(line{Stream: StreamOf(st)})
		},
		Job: func(d journal.Job) error {
			sum.Jobs++
			return w.write(line{Job: JobOf(d)})
		},
	})
}

package portable

import (
	"context"
	"errors"
	"fmt"
	"io"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/words"
)

// ErrNotEmpty says that a journal has something already.
var ErrNotEmpty = errors.New("there is something in it already")

// Read puts a file into an empty journal, all or nothing: the whole file is read and checked first, and what was put is removed
// again when the journal fails. One payment at a time is in memory. Errors name the line: ErrFormat, journal.ErrBroken,
// ErrNotEmpty.
func Read(ctx context.Context, in io.ReadSeeker, j journal.Journal) (sum Summary, err error) {
	if err := Empty(ctx, j); err != nil {
		return sum, err
	}
	if sum, err = Inspect(in); err != nil {
		return sum, err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return sum, err
	}
	put := func(s journal.Setting) error {
		_, err := j.PutSetting(ctx, s)
		return err
	}
	err = each(in, put, func(id string, from journal.Source) error { return j.Import(ctx, id, from) })
	if err != nil {
		return sum, errors.Join(err, Clear(context.WithoutCancel(ctx), j))
	}
	return sum, nil
}

// Inspect reads a file and says whether everything in it belongs together.
func Inspect(in io.ReadSeeker) (sum Summary, err error) {
	settings, companies := map[[2]string]bool{}, map[string]bool{}
	setting := func(s journal.Setting) error {
		name := [2]string{s.Company, s.Name}
		if settings[name] {
			return fmt.Errorf("%w: the setting %s of %s is there twice", journal.ErrBroken, s.Name, s.Company)
		}
		settings[name] = true
		sum.Settings++
		return nil
	}
	err = each(in, setting, func(id string, from journal.Source) error {
		if id == "" || companies[id] {
			return fmt.Errorf("%w: the company %q is there twice, or has no id", journal.ErrBroken, id)
		}
		companies[id] = true
		c, err := journal.Check(from)
		sum.Companies++
		sum.Payments += c.Streams()
		sum.Jobs += c.Jobs
		sum.Entries += c.Entries
		return err
	})
	return sum, err
}

// each hands a file's pieces over; a company as a source that reads its lines.
func each(in io.ReadSeeker, setting func(journal.Setting) error, company func(id string, from journal.Source) error) error {
	for r := newReader(in); ; {
		l, err := r.next()
		switch {
		case err != nil:
			return err
		case l.Setting != nil:
			s := journal.Setting{Company: l.Setting.Company, Name: l.Setting.Name, Data: l.Setting.bytes()}
			if s.Data == nil {
				s.Data = []byte{}
			}
			if err := setting(s); err != nil {
				return fmt.Errorf("line %d: %w", r.line, err)
			}
		case l.Company != nil:
			if err := company(l.Company.ID, &section{r, *l.Company, r.place}); err != nil {
				return fmt.Errorf("company %s: %w", l.Company.ID, err)
			}
		case l.End != nil:
			return nil
		case l.Head == nil:
			return r.wrong("it belongs to no company: {\"company\":…} must come before")
		}
	}
}

// section is the part of a file that a company has. When it has been read, the reader stands after it.
type section struct {
	reader *reader
	company
	at place
}

// Read implements journal.Source.
func (s *section) Read(to journal.Visitor) error {
	if err := s.reader.seek(s.at); err != nil {
		return err
	}
	if err := to.Counters(s.Counters); err != nil {
		return err
	}
	for {
		before := s.reader.place
		l, err := s.reader.next()
		switch {
		case err != nil:
			return err
		case l.Stream != nil:
			err = to.Stream(l.Stream.Copied())
		case l.Job != nil:
			err = to.Job(l.Job.Copied())
		default:
			return s.reader.seek(before)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", s.reader.line, err)
		}
	}
}

// Empty says whether there is nothing in a journal: ErrNotEmpty, or nil.
func Empty(ctx context.Context, j journal.Journal) error {
	settings, companies, err := survey(ctx, j)
	if err != nil {
		return err
	}
	stats, err := j.Stats(ctx, "")
	if err == nil && (stats.Streams > 0 || len(settings) > 0) {
		err = fmt.Errorf("%w: %s, %s, %s", ErrNotEmpty, words.Count(len(companies), "company", "companies"),
			words.Count(stats.Streams, "payment"), words.Count(len(settings), "setting"))
	}
	return err
}

// Clear removes everything from a journal.
func Clear(ctx context.Context, j journal.Journal) error {
	settings, companies, err := survey(ctx, j)
	if err != nil {
		return err
	}
	for _, s := range settings {
		if _, err := j.PutSetting(ctx, journal.Setting{Company: s.Company, Name: s.Name, Rev: s.Rev}); err != nil {
			return err
		}
	}
	for _, id := range companies {
		if err := j.Forget(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

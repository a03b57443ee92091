package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strings"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/portable"
	sqljournal "mozartosim/simulator/journal/sql"
	"mozartosim/simulator/mask"
)

// Export writes everything that a data file or a database has; version is the program's. Check checks it.
func Export(ctx context.Context, data, version string, out io.Writer) (sum portable.Summary, err error) {
	return withJournal(ctx, data, version, func(j journal.Journal) (portable.Summary, error) { return portable.Write(ctx, out, j, version) })
}

// Check reads everything that a data file or a database has, and says what does not match; see portable.Check.
func Check(ctx context.Context, data, version string) (portable.Summary, error) {
	return withJournal(ctx, data, version, func(j journal.Journal) (portable.Summary, error) { return portable.Check(ctx, j) })
}

// withJournal opens existing data and does something with it.
func withJournal(ctx context.Context, data, version string, do func(journal.Journal) (portable.Summary, error)) (sum portable.Summary, err error) {
	if !strings.Contains(data, "://") && !IsDatabase(data) { // of what is no file, openStore says so
		info, err := os.Stat(data)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return sum, fmt.Errorf("there is no data file %s", data)
		case err == nil && info.Mode().IsRegular() && info.Size() == 0: // to open it would make a data file of it
			return sum, fmt.Errorf("data file %s is empty", data)
		}
	}
	j, err := openStore(ctx, data, version)
	if err != nil {
		return sum, err
	}
	sum, err = do(j)
	return sum, errors.Join(err, j.Close())
}

// openStore opens a file or a database without a limit of payments.
func openStore(ctx context.Context, data, version string) (journal.Journal, error) {
	j, err := Open(ctx, data, journal.Limits{Payments: math.MaxInt32}, version, slog.New(slog.DiscardHandler))
	if errors.Is(err, sqljournal.ErrLocked) {
		return nil, fmt.Errorf("%s is in use by a running simulator: stop it first, then try again", data)
	}
	return j, err
}

// Import puts an export into a data file or a database, all or nothing; what has something already must be replaced. The error says
// what to do.
func Import(ctx context.Context, data, version string, in io.ReadSeeker, replace bool) (sum portable.Summary, err error) {
	if IsDatabase(data) {
		sum, err = importURL(ctx, data, version, in, replace)
	} else {
		sum, err = importFile(ctx, data, version, in, replace)
	}
	switch {
	case errors.Is(err, portable.ErrNotEmpty):
		err = fmt.Errorf("%s: %w; --replace replaces it", mask.Text(data), err)
	case err != nil:
		err = fmt.Errorf("nothing was imported: %w", err)
	}
	return sum, err
}

// importFile makes a new file and, when it is complete, replaces the old one by it, which must not be in use.
func importFile(ctx context.Context, file, version string, in io.ReadSeeker, replace bool) (sum portable.Summary, err error) {
	if info, err := os.Stat(file); err == nil && info.Size() > 0 {
		old, err := openStore(ctx, file, version)
		if err != nil {
			return sum, err
		}
		if !replace {
			err = portable.Empty(ctx, old)
		}
		if err = errors.Join(err, old.Close()); err != nil {
			return sum, err
		}
	}
	fresh := file + ".importing"
	remove := func() error { return errors.Join(os.RemoveAll(fresh), os.RemoveAll(fresh+"-wal")) }
	if err := remove(); err != nil {
		return sum, err
	}
	j, err := openStore(ctx, fresh, version)
	if err != nil {
		return sum, err
	}
	sum, err = portable.Read(ctx, in, j)
	if err = errors.Join(err, j.Close()); err == nil {
		err = os.Rename(fresh, file)
	}
	if err != nil {
		err = errors.Join(err, remove())
	}
	return sum, err
}

func importURL(ctx context.Context, url, version string, in io.ReadSeeker, replace bool) (sum portable.Summary, err error) {
	j, err := openStore(ctx, url, version)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if !replace {
		return portable.Read(ctx, in, j)
	}
	if _, err := portable.Inspect(in); err != nil {
		return sum, err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return sum, err
	}
	if err := portable.Clear(ctx, j); err != nil {
		return sum, err
	}
	if sum, err = portable.Read(ctx, in, j); err != nil {
		err = fmt.Errorf("the existing data has been deleted already: %w", err)
	}
	return sum, err
}

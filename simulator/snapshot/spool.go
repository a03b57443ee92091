package snapshot

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrSpool says that there is no temporary file to be had; its message says where and what to do.
var ErrSpool = errors.New("a snapshot needs a temporary file")

// Spool is a snapshot in a temporary file, which is gone when it is closed or the process ends. A snapshot is as large as its
// company: neither is it kept in memory, nor does the company wait for whoever sends or takes it.
type Spool struct {
	file  *os.File
	named bool // the file still has its name: not every system takes that from an open file
	size  int64
}

// newSpool makes a spool in a folder, "" is the system's for temporary files, and lets fill write it.
func newSpool(folder string, fill func(io.Writer) error) (*Spool, error) {
	file, err := os.CreateTemp(folder, "mozartosim-snapshot-*")
	if err != nil {
		return nil, fmt.Errorf("%w: %w: set TMPDIR to a folder that can be written", ErrSpool, err)
	}
	s := &Spool{file: file, named: os.Remove(file.Name()) != nil}
	out := bufio.NewWriterSize(spooled{file}, 256<<10)
	if err = fill(out); err == nil {
		err = out.Flush()
	}
	if err == nil {
		s.size, err = file.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// spooled marks the errors of writing to the file, apart from those of what is written.
type spooled struct{ file *os.File }

func (s spooled) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrSpool, err)
	}
	return n, err
}

// Size is how many bytes the snapshot has.
func (s *Spool) Size() int64 { return s.size }

// WriteTo implements io.WriterTo: it writes the whole snapshot.
func (s *Spool) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, s.from(0)) }

// from reads the snapshot from an offset on.
func (s *Spool) from(offset int64) io.Reader {
	return io.NewSectionReader(s.file, offset, s.size-offset)
}

// Close removes the snapshot.
func (s *Spool) Close() error {
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

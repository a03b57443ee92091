package pgtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// Server is a PostgreSQL server of a test binary's own. It makes durable what it says is durable: fsync is on.
type Server struct {
	bin, dir string // where postgres and initdb lie; where the server's files lie
	port     int
	who      *syscall.Credential // nil = as this process
	schemas  atomic.Int64

	command *exec.Cmd
	ended   chan struct{} // closed when the server has ended
}

// Start makes a database and starts its server, which accepts connections when Start returns. Stop must be called.
func Start() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mozartosim-pgtest-")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, who: who}
	if err := s.initialise(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.StartAgain(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// binaries finds the folder of postgres and initdb: on the PATH, or where Debian puts them, the newest version first.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if _, err := exec.LookPath("postgres"); err == nil {
			real, err := filepath.EvalSymlinks(path)
			return filepath.Dir(real), err
		}
	}
	found, best := "", 0
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	for _, path := range folders {
		version, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		if version > best {
			found, best = filepath.Dir(path), version
		}
	}
	if found == "" {
		return "", errors.New("pgtest: no PostgreSQL on the PATH or in /usr/lib/postgresql: install it (Debian: apt-get install postgresql)")
	}
	return found, nil
}

func (s *Server) initialise() error {
	if s.who != nil {
		if err := os.Chown(s.dir, int(s.who.Uid), int(s.who.Gid)); err != nil {
			return err
		}
	}
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "mozartosim", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = s.dir, &syscall.SysProcAttr{Credential: s.who}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w\n%s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// StartAgain starts the server anew, on the same port, after Kill or Shutdown.
func (s *Server) StartAgain() error {
	var err error
	for range 5 { // somebody else may take a free port before the server does
		if s.port == 0 {
			if s.port, err = freePort(); err != nil {
				return err
			}
		}
		var said string
		if said, err = s.run(); err == nil {
			return nil
		}
		err = fmt.Errorf("pgtest: postgres: %w\n%s", err, said)
		if s.schemas.Load() > 0 || !strings.Contains(said, "could not bind") {
			return err
		}
		s.port = 0
	}
	return err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// run starts the process and reads what it says until it is ready. Whatever ends the test ends the server: the signal
// comes when the thread ends that started it, so that thread waits for the server and does nothing else.
func (s *Server) run() (said string, err error) {
	ready := &watcher{ready: make(chan struct{})}
	s.command = exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.dir, "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "fsync=on",
		"-c", "logging_collector=off")
	s.command.Dir, s.command.Stderr = s.dir, ready
	s.command.SysProcAttr = &syscall.SysProcAttr{Credential: s.who, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	s.command.Env = append(os.Environ(), "LC_ALL=C")
	s.ended = make(chan struct{})
	started := make(chan error, 1)
	go func(command *exec.Cmd, ended chan struct{}) {
		runtime.LockOSThread()
		defer close(ended)
		err := command.Start()
		if started <- err; err == nil {
			_ = command.Wait()
		}
	}(s.command, s.ended)
	if err := <-started; err != nil {
		return "", err
	}
	select {
	case <-ready.ready:
		return "", nil
	case <-s.ended:
		return ready.said.String(), errors.New("it ended before it was ready")
	}
}

// watcher closes ready when the server says that it is, and keeps what it said before.
type watcher struct {
	said    strings.Builder
	ready   chan struct{}
	isReady bool
}

func (w *watcher) Write(text []byte) (int, error) {
	if !w.isReady {
		w.said.Write(text)
		if w.isReady = strings.Contains(w.said.String(), "ready to accept connections"); w.isReady {
			close(w.ready)
		}
	}
	return len(text), nil
}

// Address is where the server listens: host and port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the database's URL with a schema of its own for each call: journals that are opened by one URL share everything.
func (s *Server) URL() string {
	return fmt.Sprintf("postgres://mozartosim@%s/postgres?sslmode=disable&schema=t%d", s.Address(), s.schemas.Add(1))
}

// Through is such a URL by way of a proxy.
func (p *Proxy) Through(url string) string {
	return strings.Replace(url, "@"+p.target+"/", "@"+p.Address()+"/", 1)
}

// Kill ends the server without any care: connections drop dead, nothing is flushed, and the next start has to recover.
func (s *Server) Kill() {
	_ = s.command.Process.Signal(syscall.SIGQUIT)
	<-s.ended
}

// Shutdown ends the server in order: open transactions are rolled back, connections are told.
func (s *Server) Shutdown() {
	_ = s.command.Process.Signal(syscall.SIGINT)
	<-s.ended
}

// Stop ends the server and removes its files.
func (s *Server) Stop() error {
	_ = s.command.Process.Signal(syscall.SIGQUIT)
	<-s.ended
	return os.RemoveAll(s.dir)
}

// Main runs a package's tests with one server, which run is given; it returns the exit code for os.Exit.
func Main(run func(*Server) int) int {
	s, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return run(s)
}

// For starts a server for one test, which ends with it.
func For(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

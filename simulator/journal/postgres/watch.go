package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mozartosim/simulator/clock"
)

// changes are who in this process waits for a change, by company; "" for notes.
type changes struct {
	mu      sync.Mutex
	waiting map[string]chan struct{}
	ended   chan struct{}
	isEnded bool
}

func newChanges() *changes {
	return &changes{waiting: map[string]chan struct{}{}, ended: make(chan struct{})}
}

// Changed implements journal.Journal.
func (j *Journal) Changed(company string) <-chan struct{} {
	c := j.changes
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isEnded {
		return c.ended
	}
	if c.waiting[company] == nil {
		c.waiting[company] = make(chan struct{})
	}
	return c.waiting[company]
}

func (c *changes) tell(company string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if listening, there := c.waiting[company]; there {
		close(listening)
		delete(c.waiting, company)
	}
}

// tellAll wakes everybody, because something may have been missed.
func (c *changes) tellAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, listening := range c.waiting {
		close(listening)
	}
	clear(c.waiting)
}

func (c *changes) close() {
	c.tellAll()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isEnded {
		c.isEnded = true
		close(c.ended)
	}
}

// What a message to the other processes is about.
const (
	aboutCompany   = 'c'
	aboutNotes     = 'n' // a company's notes
	aboutEverybody = '*'
)

// longestPayload is less than the 8000 bytes that PostgreSQL allows.
const longestPayload = 7000

// tell tells this process and the others that a company has changed.
func (j *Journal) tell(company string) {
	j.changes.tell(company)
	j.tellOthers(company, aboutCompany)
}

// tellOthers sends a message on its way. It needs no answer: the change itself is durable, and whoever misses the message,
// because a connection broke, is told to look for himself.
func (j *Journal) tellOthers(company string, about rune) {
	if len(company) > longestPayload {
		company, about = "", aboutEverybody
	}
	j.telling.board("", fmt.Sprintf("%d %c %s", j.writer, about, company))
}

// flyTold sends what has gathered in one statement, each message once.
func (j *Journal) flyTold(_ string, payloads []string) {
	once := make([]string, 0, len(payloads))
	seen := map[string]bool{}
	for _, p := range payloads {
		if !seen[p] {
			seen[p], once = true, append(once, p)
		}
	}
	err := j.try(context.Background(), "tell others", func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SELECT pg_notify($1, p) FROM unnest($2::text[]) AS p", j.channel(), once)
		return err
	})
	if err != nil && !j.isClosed() {
		j.options.Log.Warn("other processes could not be told of a change", "error", err)
	}
}

func (j *Journal) channel() string { return "mozartosim_" + j.schema }

// hear passes on what another process has told.
func (j *Journal) hear(n *pgconn.Notification) {
	sender, rest, _ := strings.Cut(n.Payload, " ")
	about, company, found := strings.Cut(rest, " ")
	if sender == strconv.FormatInt(j.writer, 10) || !found {
		return
	}
	switch about {
	case string(aboutEverybody):
		j.changes.tellAll()
	case string(aboutNotes):
		j.changes.tell("")
		fallthrough
	default:
		j.changes.tell(company)
	}
}

// listen makes the connection that hears what others change.
func (j *Journal) listen(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, j.config.Copy())
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{j.channel()}.Sanitize()); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

// watch listens, gives signs of life and looks for the dead until ctx ends. After a fault it connects anew.
func (j *Journal) watch(ctx context.Context, conn *pgx.Conn) {
	for {
		err := j.watchOn(ctx, conn)
		closing, cancel := context.WithTimeout(context.Background(), j.options.Timeout/4)
		_ = conn.Close(closing)
		cancel()
		if ctx.Err() != nil {
			return
		}
		j.options.Log.Warn("the connection to PostgreSQL was lost", "error", err)
		if conn = j.listenAgain(ctx); conn == nil {
			return
		}
		j.options.Log.Info("connected to PostgreSQL again")
		j.changes.tellAll() // whatever was told meanwhile was missed
	}
}

// listenAgain tries until it succeeds, or ctx ends: nil.
func (j *Journal) listenAgain(ctx context.Context) *pgx.Conn {
	for pause := time.Millisecond; ; pause = min(2*pause, time.Second) {
		if _, err := j.wall.Hold(ctx, pause); err != nil {
			return nil
		}
		trying, cancel := j.bounded(ctx, 1)
		conn, err := j.listen(trying)
		cancel()
		if err == nil {
			return conn
		}
	}
}

// watchOn does it on one connection, until that fails.
func (j *Journal) watchOn(ctx context.Context, conn *pgx.Conn) error {
	since := clock.Wall()
	for {
		began := clock.Wall()
		if err := j.beat(ctx, conn, began.Sub(since)); err != nil {
			return err
		}
		for {
			left := j.options.Beat - clock.Wall().Sub(began)
			if left <= 0 {
				break
			}
			waiting, cancel := context.WithTimeout(ctx, left)
			n, err := conn.WaitForNotification(waiting)
			over := waiting.Err() != nil
			cancel()
			switch {
			case err == nil:
				j.hear(n)
			case ctx.Err() != nil:
				return ctx.Err()
			case !over || conn.IsClosed():
				return err
			}
		}
	}
}

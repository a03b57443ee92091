package sqljournal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/pgtest"
)

// Of many replicas that start at the same time on an empty database one makes the schema, and all go on.
func TestSchemaRace(t *testing.T) {
	t.Parallel()
	p := aSchema(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			j, err := p.open(Options{Conns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			if err := j.Append(context.Background(), journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entry("a")}); err != nil {
				t.Error(err)
			}
			shut(t, j)
		})
	}
	all.Wait()
	same(t, "entries", 8, gapless(t, p.journal(t, Options{}), "c"))
}

// inSchema runs a statement in the schema of a URL.
func inSchema(t testing.TB, url, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, strings.Replace(url, "schema=", "search_path=", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

// What was kept is there when the schema is opened again; one of another version is left alone, and the error says what to do.
func TestSchemaVersions(t *testing.T) {
	t.Parallel()
	p := aSchema(t)
	first := p.journal(t, Options{Version: "v3.0"})
	add(t, first, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Keys: []string{"k"}, Jobs: aJob("1", 0)})
	shut(t, first)
	second := p.journal(t, Options{})
	same(t, "entries", 1, gapless(t, second, "c"))
	same(t, "jobs", []string{"1"}, claim(t, second, journal.ClaimQuery{Until: noon}))
	shut(t, second)
	schema := p.url[strings.LastIndex(p.url, "=")+1:]
	refused := func(kind error, parts ...string) {
		t.Helper()
		_, err := p.open(Options{})
		if err == nil || kind != nil && !errors.Is(err, kind) {
			t.Fatalf("got %v, want %v", err, kind)
		}
		for _, part := range append(parts, schema) {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	}
	inSchema(t, p.url, "INSERT INTO writers VALUES (99, 'v9.9')")
	refused(ErrNewer, "has version 99", fmt.Sprint("this program's has ", version), "use mozartosim v9.9 or a newer one")
	inSchema(t, p.url, fmt.Sprint("UPDATE writers SET version = 2, program = 'v0.1' WHERE version = 99; DELETE FROM writers WHERE version = ", version))
	inSchema(t, p.url, "UPDATE writers SET version = 3")
	refused(ErrOlder, "has version 3", "`data export` of the mozartosim v0.1", "data import", "?schema=")
	inSchema(t, p.url, "UPDATE writers SET version = 2")
	refused(ErrOlder, "has version 2", "can't be read", "keep it for the mozartosim v0.1", "?schema=")
	inSchema(t, p.url, "DROP TABLE writers; CREATE TABLE writers (number text)")
	refused(nil, "isn't mozartosim's")
	inSchema(t, p.url, "DROP TABLE writers; CREATE TABLE version (version int); CREATE TABLE takeovers (); INSERT INTO version VALUES (1)")
	refused(ErrOlder, "has version 1", "keep it for the mozartosim that wrote it", "?schema=") // as the engine before this one left it
}

// The schema can be named in two ways, and must be a plain name.
func TestSchemaNames(t *testing.T) {
	t.Parallel()
	p := aSchema(t)
	add(t, p.journal(t, Options{}), journal.Append{Company: "c", Stream: "s", Entries: entry("a")})
	base, schema, _ := strings.Cut(p.url, "&schema=")
	same(t, "the same schema", 1, gapless(t, place{url: base + "&search_path=" + schema}.journal(t, Options{}), "c"))
	for _, name := range []string{"Big", "a,b", "a%20b", "1a", strings.Repeat("a", 41), "a%22b"} {
		if _, err := (place{url: base + "&schema=" + name}).open(Options{}); err == nil || !strings.Contains(err.Error(), "must be one name") {
			t.Errorf("schema %q: %v", name, err)
		}
	}
}

// No error and no line of the log tells the password, however broken the URL or the network is.
func TestPasswordsStaySecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-0f-theirs"
	dead := pgtest.NewProxy(t, server.Address())
	dead.Cut()
	var log bytes.Buffer
	for _, url := range []string{
		"postgres://joe:" + secret + "@" + dead.Address() + "/postgres?sslmode=disable",
		"postgres://joe:" + secret + "@" + server.Address() + "/none?sslmode=disable",
		"postgres://joe:" + secret + "@" + server.Address() + "/postgres?sslmode=disable&schema=Big",
		"postgres://joe:" + secret + "%zz@localhost/postgres",
		"postgres://joe:" + secret + "@localhost:port/postgres",
		"postgres://joe:" + secret + "@[::1/postgres",
		"postgres://joe:" + secret + "@localhost/postgres?sslmode=" + "strange",
		"postgres://joe:" + secret + " with space@localhost:99999/x?pool_max_conns=none",
		"host=localhost password=" + secret + " port=x",
		"host=localhost password='" + secret,
		"postgresql:/joe:" + secret + "@localhost",
		"postgres//joe:" + secret + "@localhost",
	} {
		_, err := place{url: url}.open(Options{Timeout: 200 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err == nil {
			t.Errorf("%s was opened", url)
			continue
		}
		t.Log(err)
		if strings.Contains(err.Error(), secret) || strings.Contains(log.String(), secret) {
			t.Errorf("it is told: %v; log %s", err, log.String())
		}
	}
}

// A user who may not make schemas uses one that was made beforehand; where there is none the error says what is missing.
func TestUserWithoutRights(t *testing.T) {
	t.Parallel()
	url := server.URL()
	base, schema, _ := strings.Cut(url, "&schema=")
	user := "user_of_" + schema
	inSchema(t, url, "CREATE USER "+user+"; CREATE SCHEMA "+schema+" AUTHORIZATION "+user)
	theirs := strings.Replace(base, "mozartosim@", user+"@", 1)
	add(t, place{url: theirs + "&schema=" + schema}.journal(t, Options{}), journal.Append{Company: "c", Stream: "s", Entries: entry("a")})
	_, err := place{url: theirs + "&schema=not_" + schema}.open(Options{})
	if err == nil || !strings.Contains(err.Error(), "make the schema not_"+schema+" (or have it made for this user)") {
		t.Errorf("got %v", err)
	}
}

package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/postgres"
	"mozartosim/simulator/journal/postgres/pgtest"
)

// Of many replicas that start at the same time on an empty database one makes the schema, and all go on.
func TestMigrationRace(t *testing.T) {
	t.Parallel()
	url := server.URL()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			j, err := postgres.Open(context.Background(), url, postgres.Options{Conns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			if err := j.Append(context.Background(), journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entry("a")}); err != nil {
				t.Error(err)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	equal(t, "entries", 8, gapless(t, open(t, url, postgres.Options{}), "c"))
}

// sql runs a statement in the schema of a URL.
func sql(t testing.TB, url, statement string) {
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

// What was kept is there when the schema is opened again; a version that a later program made is left alone.
func TestSchemaVersions(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), server.URL()
	first := open(t, url, postgres.Options{})
	add(t, first, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Keys: []string{"k"}, Jobs: work("1", 0)})
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, url, postgres.Options{})
	equal(t, "entries", 1, gapless(t, second, "c"))
	equal(t, "due", []string{"1"}, take(t, second, journal.ClaimQuery{Until: noon}))
	schema := url[strings.LastIndex(url, "=")+1:]
	sql(t, url, "UPDATE version SET version = 99")
	_, err := postgres.Open(ctx, url, postgres.Options{})
	want := "postgres: open: the schema " + schema + " has version 99, this program knows 1: run a newer mozartosim, or name another schema by ?schema="
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	sql(t, url, "DROP TABLE version; CREATE TABLE version (number text)")
	if _, err = postgres.Open(ctx, url, postgres.Options{}); err == nil || !strings.Contains(err.Error(), "isn't mozartosim's") {
		t.Errorf("a strange table version: %v", err)
	}
}

// The schema can be named in two ways, and must be a plain name.
func TestSchemaNames(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), server.URL()
	add(t, open(t, url, postgres.Options{}), journal.Append{Company: "c", Stream: "s", Entries: entry("a")})
	base, schema, _ := strings.Cut(url, "&schema=")
	equal(t, "the same schema", 1, gapless(t, open(t, base+"&search_path="+schema, postgres.Options{}), "c"))
	for _, name := range []string{"Big", "a,b", "a%20b", "1a", strings.Repeat("a", 41), "a%22b"} {
		if _, err := postgres.Open(ctx, base+"&schema="+name, postgres.Options{}); err == nil || !strings.Contains(err.Error(), "must be one name") {
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
		_, err := postgres.Open(context.Background(), url, postgres.Options{Timeout: 200 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
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

// A user who may not make schemas uses one that was made for him; where there is none he is told what is missing.
func TestUserWithoutRights(t *testing.T) {
	t.Parallel()
	url := server.URL()
	base, schema, _ := strings.Cut(url, "&schema=")
	user := "user_of_" + schema
	sql(t, url, "CREATE USER "+user+"; CREATE SCHEMA "+schema+" AUTHORIZATION "+user)
	his := strings.Replace(base, "mozartosim@", user+"@", 1)
	add(t, open(t, his+"&schema="+schema, postgres.Options{}), journal.Append{Company: "c", Stream: "s", Entries: entry("a")})
	_, err := postgres.Open(context.Background(), his+"&schema=not_"+schema, postgres.Options{})
	if err == nil || !strings.Contains(err.Error(), "make the schema not_"+schema+" (or have it made for this user)") {
		t.Errorf("got %v", err)
	}
}

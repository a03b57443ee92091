package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

// sqliteVersion4 and pgVersion4 bring what this version wrote back to version 4 of the schema, as that defined it.
const (
	sqliteVersion4 = `
DROP INDEX requests_company;
ALTER TABLE requests RENAME TO requests_next;
CREATE TABLE requests (
	no INTEGER PRIMARY KEY AUTOINCREMENT, company text NOT NULL, id text NOT NULL UNIQUE, at INTEGER NOT NULL, stage text NOT NULL,
	rule text NOT NULL, status int NOT NULL, payment text NOT NULL, size int NOT NULL, encoding int NOT NULL, data BLOB NOT NULL
);
CREATE INDEX requests_company ON requests (company, no, stage, rule, status, payment);
CREATE TABLE request_details (id text PRIMARY KEY, encoding int NOT NULL, data BLOB NOT NULL);
INSERT INTO requests SELECT no, company, id, at, stage, rule, status, payment, size, encoding, data FROM requests_next;
INSERT INTO request_details SELECT id, encoding, details FROM requests_next;
DELETE FROM sqlite_sequence WHERE name = 'requests';
UPDATE sqlite_sequence SET name = 'requests' WHERE name = 'requests_next';
DROP TABLE requests_next;
UPDATE writers SET version = 4;
PRAGMA user_version = 4;
`
	pgVersion4 = `
CREATE TABLE request_details (id text PRIMARY KEY, encoding int NOT NULL, data bytea NOT NULL);
INSERT INTO request_details SELECT id, encoding, details FROM requests;
ALTER TABLE requests DROP COLUMN details, ADD CONSTRAINT requests_id_key UNIQUE (id);
DROP INDEX requests_company;
CREATE INDEX requests_company ON requests (company, no, stage, rule, status, payment);
UPDATE writers SET version = 4;
`
)

func (p place) downgrade(t *testing.T) {
	t.Helper()
	if p.file != "" {
		script(t, p.file, sqliteVersion4)
		return
	}
	inSchema(t, p.url, pgVersion4)
}

// TestUpgrade opens what version 4 left: payments and kept calls are there, and numbers of calls go on where they were.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, newPlace func(testing.TB) place) {
		p := newPlace(t)
		ctx := context.Background()
		j := p.journal(t, Options{Version: "v4.0"})
		add(t, j, payment("acme", 1))
		for _, company := range []string{"acme", "", "globex"} {
			for i := range 5 {
				keep(t, j, company, i)
			}
		}
		// The last number is that of a call that has gone.
		if err := j.Requests().Forget(ctx, "globex"); err != nil {
			t.Fatal(err)
		}
		before := keptCalls(t, j, "acme", "")
		shut(t, j)
		p.downgrade(t)

		j = p.journal(t, Options{})
		same(t, "calls", before, keptCalls(t, j, "acme", ""))
		if err := j.Check(ctx); err != nil {
			t.Fatal(err)
		}
		keep(t, j, "globex", 9)
		next, err := j.Requests().Get(ctx, "globex", "globex-9")
		if err != nil || next.No != 16 {
			t.Errorf("the next call is %d, %v; want 16", next.No, err)
		}
		shut(t, j)
		j = p.journal(t, Options{})
		same(t, "calls, opened again", before, keptCalls(t, j, "acme", ""))
	})
}

// An older program that is at work would find its tables gone.
func TestUpgradeBesideAnOlderReplica(t *testing.T) {
	t.Parallel()
	p := aSchema(t)
	older := p.journal(t, Options{Lease: time.Hour})
	p.downgrade(t)
	if _, err := p.open(Options{}); !errors.Is(err, ErrOlder) || !strings.Contains(err.Error(), "an older version is at work in the schema") {
		t.Errorf("got %v", err)
	}
	shut(t, older)
	shut(t, p.journal(t, Options{}))
}

// Where much is kept, an upgrade takes longer than a call may.
func TestUpgradeTakesLong(t *testing.T) {
	t.Parallel()
	p := aSchema(t)
	j := p.journal(t, Options{})
	keep(t, j, "acme", 1)
	shut(t, j)
	p.downgrade(t)
	inSchema(t, p.url, `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.2); RETURN NULL; END';
		CREATE TRIGGER slow AFTER UPDATE ON requests EXECUTE FUNCTION slow()`)
	j, err := p.open(Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	shut(t, j)
}

func keep(t *testing.T, j *Journal, company string, i int) {
	t.Helper()
	r := journal.Request{
		Company: company, ID: fmt.Sprintf("%s-%d", company, i), At: noon, Status: 400, Stage: "validate", Rule: "a-rule",
		Summary: []byte("summary"), Details: fmt.Append(nil, "details", i),
	}
	if err := j.Requests().Add(context.Background(), []journal.Request{r}); err != nil {
		t.Fatal(err)
	}
}

// keptCalls are the kept calls of companies, with their details.
func keptCalls(t *testing.T, j *Journal, companies ...string) (all []journal.Request) {
	t.Helper()
	for _, company := range companies {
		list, err := j.Requests().List(context.Background(), company, journal.RequestQuery{Refused: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			one, err := j.Requests().Get(context.Background(), company, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, one)
		}
	}
	if len(all) != 5*len(companies) {
		t.Fatalf("%d calls are kept", len(all))
	}
	return all
}

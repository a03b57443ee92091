package sqlite

import (
	"fmt"
	"strings"
)

// applicationID marks a file as the simulator's, in SQLite's own place for that: "moza".
const applicationID = 0x6d6f7a61

// migrations lead from one version of the schema to the next; a new file goes through all of them. One that has been
// released is never changed.
//
// A company's rows stand together: its number, shifted, is the beginning of its streams' and appends' numbers. A stream's
// number is that and its ordinal, an append's is that and the seq of its first entry, done is that and its place among the
// streams that are done. The labels that the console filters by are columns beside the body, which has them all.
func migrations() []string {
	return []string{
		`
CREATE TABLE writers (version INTEGER PRIMARY KEY, program TEXT NOT NULL);
CREATE TABLE companies (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE streams (no INTEGER PRIMARY KEY, id TEXT NOT NULL, psp TEXT, type TEXT, status TEXT, deliveries TEXT,
	userId TEXT, merchantReference TEXT, done INTEGER, body BLOB NOT NULL);
CREATE TABLE ids (company INTEGER, id TEXT, stream INTEGER NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (company, id)) WITHOUT ROWID;
CREATE INDEX streams_done ON streams (done) WHERE done IS NOT NULL;
CREATE TABLE appends (no INTEGER PRIMARY KEY, stream INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE due (company INTEGER, at INTEGER, seq INTEGER, stream INTEGER NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (company, at, seq)) WITHOUT ROWID;
CREATE TABLE keys (key TEXT PRIMARY KEY, stream INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (company TEXT, name TEXT, rev INTEGER NOT NULL UNIQUE, gone INTEGER NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (company, name)) WITHOUT ROWID`,
		`
CREATE INDEX streams_facets ON streams (no, psp, type, status, deliveries);
CREATE INDEX streams_userId ON streams (userId) WHERE userId IS NOT NULL;
CREATE INDEX streams_merchantReference ON streams (merchantReference) WHERE merchantReference IS NOT NULL`,
	}
}

// Version is the schema's version that this program writes.
func Version() int { return len(migrations()) }

// migrate brings a file to the newest version, all or nothing.
func (c *connection) migrate(from int, o Options) error {
	if from == Version() {
		return nil
	}
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := c.steps(from, o)
	if err == nil {
		err = c.exec("COMMIT")
	}
	if err != nil {
		_ = c.exec("ROLLBACK") // the error that came first says what is wrong
	}
	return err
}

func (c *connection) steps(from int, o Options) error {
	for i, texts := range migrations()[from:] {
		for text := range strings.SplitSeq(texts, ";") {
			if err := c.once(text); err != nil {
				return fmt.Errorf("to version %d: %w", from+i+1, err)
			}
		}
	}
	if err := c.once(fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	if err := c.exec("INSERT INTO writers (version, program) VALUES (?, ?)", int64(Version()), o.Version); err != nil {
		return err
	}
	return c.once(fmt.Sprintf("PRAGMA user_version = %d", Version()))
}

// pragma reads a pragma's number.
func (c *connection) pragma(name string) (int, error) {
	row, err := c.row("PRAGMA " + name)
	if err != nil || row == nil {
		return 0, err
	}
	return int(number(row[0])), nil
}

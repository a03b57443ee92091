package postgres

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/jackc/pgx/v5"
)

// migrations returns what makes a schema of each version out of the one before it. What has been released is never changed:
// a change is a new one at the end.
func migrations() []string { return []string{version1} }

// version1 makes the tables.
const version1 = `
CREATE TABLE companies ( -- one row for each company that has streams: its counters, and the lock of whoever writes
	no       int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- a company that was forgotten and comes back has another one
	id       text NOT NULL UNIQUE,
	began    bigint NOT NULL DEFAULT 0, -- how many streams there have been
	seq      bigint NOT NULL DEFAULT 0, -- of the last entry
	done_seq bigint NOT NULL DEFAULT 0, -- counts how often a stream became done
	due_seq  bigint NOT NULL DEFAULT 0, -- counts due work
	streams  bigint NOT NULL DEFAULT 0, -- what follows are the sums of the tables below, so that nobody has to count
	entries  bigint NOT NULL DEFAULT 0,
	bytes    bigint NOT NULL DEFAULT 0,
	due      bigint NOT NULL DEFAULT 0,
	dropped  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20);

CREATE TABLE ordinals ( -- apart from companies, so that numbering payments doesn't wait for writing them
	company text PRIMARY KEY,
	last    bigint NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE streams (
	company int NOT NULL,
	no      bigint NOT NULL, -- the stream's ordinal
	id      text NOT NULL,
	length  int NOT NULL,
	bytes   bigint NOT NULL,
	done    bigint,          -- its place among those that are done; NULL = it isn't
	labels  bytea NOT NULL,  -- packed: names and values, each behind its length
	tags    bigint[] NOT NULL, -- hashes of company, name and value, to find it by
	PRIMARY KEY (company, no),
	UNIQUE (company, id)
) WITH (fillfactor = 80);
CREATE INDEX streams_done ON streams (company, done) WHERE done IS NOT NULL;
CREATE INDEX streams_tags ON streams USING gin (tags) WITH (gin_pending_list_limit = 256);

CREATE TABLE appends ( -- entries lie packed as they were appended
	company int NOT NULL,
	first   bigint NOT NULL, -- seq of the first entry; the others follow
	stream  bigint NOT NULL,
	n       int NOT NULL,
	packed  bytea NOT NULL,
	PRIMARY KEY (company, first)
);
CREATE INDEX appends_stream ON appends (company, stream, first);

CREATE TABLE keys ( -- unique over all companies
	digest  uuid PRIMARY KEY, -- of the key, which may be longer than an index allows
	company int NOT NULL,
	stream  bigint NOT NULL,
	key     bytea NOT NULL
);
CREATE INDEX keys_stream ON keys (company, stream);

CREATE TABLE due (
	company int NOT NULL,
	stream  bigint NOT NULL,
	id      text NOT NULL,
	at      bigint NOT NULL, -- nanoseconds since 1970 on the company's clock
	seq     bigint NOT NULL,
	kind    text NOT NULL,
	data    bytea NOT NULL,
	origin  bigint NOT NULL, -- the process that wrote it
	owner   bigint,          -- the process that has taken it; NULL = it waits
	grab    bigint,          -- by which of the owner's calls
	PRIMARY KEY (company, stream, id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX due_waiting ON due (company, at, seq) WHERE owner IS NULL;
CREATE INDEX due_taken ON due (owner) WHERE owner IS NOT NULL;

CREATE TABLE owners ( -- processes that live, or have lately
	no          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text NOT NULL,
	lease       bigint NOT NULL, -- milliseconds
	alive_until timestamptz NOT NULL
);

CREATE TABLE takeovers ( -- work whose owner was given up for dead: should it live, it must not finish that work
	loser   bigint NOT NULL,
	company int NOT NULL,
	stream  bigint NOT NULL,
	id      text NOT NULL,
	at      timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (loser, company, stream, id)
);

CREATE TABLE flights ( -- the last transaction of each writer: whether a commit without an answer happened
	company int NOT NULL,
	writer  bigint NOT NULL,
	flight  bigint NOT NULL,
	at      timestamptz NOT NULL,
	PRIMARY KEY (company, writer)
) WITH (fillfactor = 20);

CREATE TABLE notes (
	company text NOT NULL,
	name    text NOT NULL,
	rev     bigint NOT NULL,
	data    bytea,           -- NULL = it was taken away
	mark    uuid NOT NULL,   -- of the call that kept it
	PRIMARY KEY (company, name)
);
CREATE INDEX notes_rev ON notes (rev);
CREATE TABLE revisions (last bigint NOT NULL); -- one row; whoever keeps a note holds its lock, so that revisions appear in order
INSERT INTO revisions VALUES (0);
`

// migrate brings the schema to this program's version. Many processes may do it at the same time: one works, the others wait.
func (j *Journal) migrate(ctx context.Context, conn *pgx.Conn) error {
	steps, schema := migrations(), j.schema
	version, err := schemaVersion(ctx, conn, schema)
	if err != nil || version == len(steps) {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := j.patient(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockNumber(schema, "migrate", "")); err != nil {
			return err
		}
		version, err := schemaVersion(ctx, conn, schema)
		if err != nil || version == len(steps) {
			return err
		}
		if version == 0 {
			if err := makeSchema(ctx, tx, schema); err != nil {
				return err
			}
			steps[0] = "CREATE TABLE version (version int NOT NULL); INSERT INTO version VALUES (0);" + steps[0]
		}
		for i, step := range steps[version:] {
			if _, err := tx.Exec(ctx, step, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("bring the schema %s to version %d: %w", schema, version+i+1, err)
			}
		}
		_, err = tx.Exec(ctx, "UPDATE version SET version = $1", len(steps))
		return err
	})
}

// makeSchema makes a schema that isn't there. One that somebody made beforehand may be all that the user is allowed to use.
func makeSchema(ctx context.Context, tx pgx.Tx, schema string) error {
	var there bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", schema).Scan(&there)
	if err != nil || there {
		return err
	}
	if _, err := tx.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{schema}.Sanitize(), pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("make the schema %s (or have it made for this user): %w", schema, err)
	}
	return nil
}

// schemaVersion is 0 when there is nothing yet.
func schemaVersion(ctx context.Context, conn *pgx.Conn, schema string) (version int, err error) {
	// By the catalogue's tables: what a session thinks of a name may be out of date while somebody else makes the schema.
	var there bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'version')", schema).
		Scan(&there)
	if err != nil || !there {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT version FROM version").Scan(&version)
	switch known := len(migrations()); {
	case err != nil:
		return 0, fmt.Errorf("the schema %s has a table version that isn't mozartosim's; name another schema by ?schema=: %w", schema, err)
	case version > known:
		return 0, fmt.Errorf("the schema %s has version %d, this program knows %d: run a newer mozartosim, or name another schema by ?schema=",
			schema, version, known)
	}
	return version, nil
}

// lockNumber is the advisory lock of something that the schema's processes share.
func lockNumber(schema, what, company string) int64 {
	h := fnv.New64a()
	for _, part := range []string{"mozartosim", schema, what, company} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return int64(h.Sum64())
}

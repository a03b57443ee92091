package sqljournal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"mozartosim/simulator/clock"
)

const commitText = "commit"

// postgres is a PostgreSQL database, which many processes share.
type postgres struct {
	options Options
	schema  string
	config  *pgx.ConnConfig // of all connections
	pool    *pgxpool.Pool
	wall    *clock.Clock // for pauses, never for rules
	signals *signals
	claims  *claims

	number  int64        // of this process
	commits atomic.Int64 // counts transactions
	scopes  *locks       // within this process
	tells   *batches[string]
	lockers *pgxpool.Pool // connections for locks

	stop     context.CancelFunc
	watching sync.WaitGroup
}

func openPostgres(ctx context.Context, url string, o Options, s *signals, k *claims) (*postgres, error) {
	config, schema, err := parse(url, o)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	lockers := config.Copy()
	lockers.MaxConns = int32(o.Locks)
	lockers.ConnConfig.RuntimeParams["statement_timeout"] = "0" // lock_timeout counts
	p := &postgres{
		options: o, schema: schema, config: config.ConnConfig, wall: clock.New(), signals: s, claims: k, scopes: newLocks(s.life),
	}
	if p.pool, err = pgxpool.NewWithConfig(ctx, config); err == nil {
		p.lockers, err = pgxpool.NewWithConfig(ctx, lockers)
	}
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	p.tells = newBatches(1<<10, 0, p.notify)
	listener, err := p.begin(ctx)
	if err != nil {
		p.closePools()
		return nil, err
	}
	watching, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.watching.Go(func() { p.watch(watching, listener) })
	return p, nil
}

// begin makes the schema when there is none, makes this process known, and listens. A server that is just starting is waited
// for.
func (p *postgres) begin(ctx context.Context) (listener *pgx.Conn, err error) {
	if err := p.try(ctx, call{what: "open"}, func(ctx context.Context, c *pgx.Conn) error { return c.Ping(ctx) }); err != nil {
		return nil, err
	}
	if err := p.try(ctx, call{what: "open", long: true}, p.makeSchema); err != nil {
		return nil, err
	}
	err = p.try(ctx, call{what: "open"}, func(ctx context.Context, c *pgx.Conn) error {
		host, _ := os.Hostname()
		return c.QueryRow(ctx, "INSERT INTO processes (name, alive_until) VALUES ($1, "+soon+") RETURNING no",
			fmt.Sprintf("%s:%d", host, os.Getpid()), p.options.Lease.Milliseconds()).Scan(&p.number)
	})
	if err != nil {
		return nil, err
	}
	short, cancel := context.WithTimeout(ctx, p.options.Timeout)
	defer cancel()
	listener, err = p.listen(short)
	return listener, p.failed("open", err)
}

// close frees the jobs that this process has claimed, and makes it known no longer.
func (p *postgres) close() error {
	p.tells.close()
	p.stop()
	p.watching.Wait()
	err := p.try(context.Background(), call{what: "close"}, func(ctx context.Context, c *pgx.Conn) error {
		var b pgx.Batch
		b.Queue("UPDATE jobs SET holder = NULL, lease_until = NULL WHERE holder = $1", p.number)
		b.Queue("DELETE FROM processes WHERE no = $1", p.number)
		b.Queue("SELECT pg_notify($1, $2)", p.channel(), message(p.number, aboutAll, ""))
		return c.SendBatch(ctx, &b).Close() // one transaction
	})
	p.closePools()
	return err
}

func (p *postgres) closePools() {
	p.pool.Close()
	go p.lockers.Close() // which waits for the locks that are held
}

func (p *postgres) process() int64 { return p.number }

// pgConn runs statements on a connection.
type pgConn struct{ *pgx.Conn }

// run implements conn.
func (c pgConn) run(ctx context.Context, statements ...statement) error {
	if len(statements) == 1 && statements[0].each != nil {
		text, args := pgText(&statements[0])
		rows, _ := c.Query(ctx, text, args...) // its error is the rows'
		return scanRows(rows, &statements[0])
	}
	var b pgx.Batch
	for i := range statements {
		text, args := pgText(&statements[i])
		b.Queue(text, args...)
	}
	results := c.SendBatch(ctx, &b)
	var err error
	for i := 0; i < len(statements) && err == nil; i++ {
		err = answer(results, &statements[i])
	}
	if closed := results.Close(); err == nil {
		err = closed
	}
	return err
}

func answer(results pgx.BatchResults, s *statement) error {
	if s.each == nil {
		tag, err := results.Exec()
		if err == nil && s.text == commitText && tag.String() == "ROLLBACK" { // the transaction had failed
			err = pgx.ErrTxCommitRollback
		}
		return err
	}
	rows, _ := results.Query()
	return scanRows(rows, s)
}

func scanRows(rows pgx.Rows, s *statement) error {
	for rows.Next() {
		err := rows.Scan(s.targets...)
		if err == nil {
			err = s.each()
		}
		if err != nil {
			rows.Close()
			return err
		}
	}
	return rows.Err()
}

// pgText is the SQL of a statement, and its arguments. Statements for many rows have an array for each column.
//
// Every statement is written for one plan, that by its index. What PostgreSQL believes of tables that were empty when it
// planned must not choose another: hence the LATERALs and OFFSETs, and the settings of the connection.
func pgText(s *statement) (text string, args []any) {
	switch s.verb {
	case query:
		return s.text, s.args
	case findNames:
		return "SELECT digest, stream FROM names WHERE digest = ANY($1)", []any{s.digests}
	case findNamed:
		text = "SELECT t.* FROM unnest($1::uuid[]) AS w (digest) CROSS JOIN LATERAL (SELECT stream FROM names WHERE digest = w.digest OFFSET 0) n " +
			"CROSS JOIN LATERAL (SELECT " + s.columns + " FROM " + s.text + " WHERE " + s.key + " = n.stream ORDER BY no"
		if s.lock {
			text += " FOR UPDATE"
		}
		return text + " OFFSET 0) t", []any{s.digests}
	case removeNames:
		return "DELETE FROM names WHERE digest = ANY($1)", []any{s.digests}
	}
	columns := s.columns
	if s.verb == insertNames {
		s.text, columns = "names", "digest uuid, stream bigint"
	}
	names, types := split(columns)
	var arrays, set []string
	for i, name := range names {
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, types[i]))
		set = append(set, name+" = w."+name)
		column := make([]any, len(s.rows))
		for n, row := range s.rows {
			column[n] = row[i]
		}
		args = append(args, column)
	}
	rows, all := "unnest("+strings.Join(arrays, ", ")+")", strings.Join(names, ", ")
	switch s.verb {
	case removeRows:
		return "DELETE FROM " + s.text + " WHERE " + names[0] + " = ANY(" + arrays[0] + ")", args
	case updateRows:
		return "UPDATE " + s.text + " SET " + strings.Join(set[1:], ", ") + " FROM " + rows + " AS w (" + all + ") CROSS JOIN LATERAL " +
			"(SELECT ctid AS place FROM " + s.text + " WHERE " + names[0] + " = w." + names[0] + " OFFSET 0) x WHERE " + s.text + ".ctid = x.place", args
	}
	return "INSERT INTO " + s.text + " (" + all + ") SELECT * FROM " + rows, args
}

// check looks whether there are as many names as there should be.
func (p *postgres) check(ctx context.Context, c conn, names int) error {
	var found int64
	if err := c.run(ctx, ask("SELECT count(*) FROM names").into(&found)); err != nil {
		return err
	}
	return counted("names of streams", uint64(found), uint64(names))
}

const pgSchema = `
CREATE TABLE names ( -- by which streams are found
	digest uuid PRIMARY KEY, -- of a stream's id or of a key
	stream bigint NOT NULL
);
CREATE TABLE processes ( -- that live, or have lately
	no          bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	name        text NOT NULL,
	alive_until bigint NOT NULL -- milliseconds since 1970 on the database's clock
);
CREATE TABLE commits ( -- the last transaction of each process and scope: whether a commit without an answer happened
	process bigint NOT NULL,
	scope   text NOT NULL,
	no      bigint NOT NULL,
	PRIMARY KEY (process, scope)
) WITH (fillfactor = 20);
`

// makeSchema makes the schema, or says why it can't be used. Many processes may do it at the same time: one works, the others
// wait.
func (p *postgres) makeSchema(ctx context.Context, c *pgx.Conn) error {
	if there, err := p.schemaThere(ctx, c); err != nil || there {
		return err
	}
	return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", p.lockNumber("schema", "")); err != nil {
			return err
		}
		there, err := p.schemaThere(ctx, c)
		if err != nil || there {
			return err
		}
		var made bool
		err = tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", p.schema).Scan(&made)
		if err != nil {
			return err
		}
		if !made { // one that was made beforehand may be all that the user is allowed to use
			if _, err := tx.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{p.schema}.Sanitize(), pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("make the schema %s (or have it made for this user): %w", p.schema, err)
			}
		}
		words := strings.NewReplacer("{int}", "bigint", "{bytes}", "bytea", "{key}", "bigint PRIMARY KEY",
			"{serial}", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "{hot}", " WITH (fillfactor = 20)",
			"{warm}", " WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)")
		if _, err := tx.Exec(ctx, words.Replace(schema)+pgSchema, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("make the tables in the schema %s: %w", p.schema, err)
		}
		_, err = tx.Exec(ctx, "INSERT INTO writers (version, program) VALUES ($1, $2)", version, p.options.Version)
		return err
	})
}

// schemaThere says whether the schema is there; one of another version, or of another program, is an error.
func (p *postgres) schemaThere(ctx context.Context, c *pgx.Conn) (bool, error) {
	// By the catalogue's tables: what a session thinks of a name may be out of date while another makes the schema.
	var ours, old bool
	err := c.QueryRow(ctx, `SELECT count(*) FILTER (WHERE tablename = 'writers') > 0, count(*) FILTER (WHERE tablename = 'takeovers') > 0
		FROM pg_catalog.pg_tables WHERE schemaname = $1`, p.schema).Scan(&ours, &old)
	if err != nil || !ours && !old {
		return false, err
	}
	found, program := int64(1), "mozartosim that wrote it"
	if ours {
		err := c.QueryRow(ctx, "SELECT version, program FROM writers ORDER BY version DESC LIMIT 1").Scan(&found, &program)
		if err != nil {
			return false, fmt.Errorf("the schema %s has a table writers that isn't mozartosim's; name another schema by ?schema=: %w", p.schema, err)
		}
		program = "mozartosim " + program
	}
	switch {
	case found == version:
		return true, nil
	case found > version:
		return false, fmt.Errorf("%w: the schema %s has version %d, this program's has %d: use %s or a newer one, or name another schema by ?schema=",
			ErrNewer, p.schema, found, version, program)
	}
	return false, fmt.Errorf("%w: the schema %s has version %d, this program's has %d: its payments can't be read by this version; "+
		"keep it for the %s, and name another schema by ?schema=", ErrOlder, p.schema, found, version, program)
}

const usualSchema = "mozartosim"

// parse makes the configuration of all connections of a URL. Its errors never hold the URL, which may hold a password.
func parse(rawURL string, o Options) (config *pgxpool.Config, schema string, err error) {
	config, err = pgxpool.ParseConfig(rawURL)
	if err != nil {
		return nil, "", fmt.Errorf("the database's URL can't be read: %s", withoutSecrets(err, rawURL))
	}
	c := config.ConnConfig
	params := c.RuntimeParams
	schema = cmp.Or(params["schema"], params["search_path"], usualSchema)
	delete(params, "schema")
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,39}$`).MatchString(schema) {
		return nil, "", fmt.Errorf("schema %q must be one name of at most 40 small letters, digits and underscores", schema)
	}
	for name, value := range map[string]string{
		"search_path":                         schema,
		"application_name":                    cmp.Or(params["application_name"], "mozartosim"),
		"synchronous_commit":                  "on", // what is answered is durable, whatever the server's default
		"statement_timeout":                   milliseconds(o.Timeout),
		"lock_timeout":                        milliseconds(o.Timeout),
		"idle_in_transaction_session_timeout": milliseconds(o.Timeout / 2), // a process that is cut off holds locks no longer than that
		"jit":                                 "off",
		// Every statement is written for one plan, that by its index. What PostgreSQL believes of tables that were empty when it
		// planned must not choose another: hence no other ways of joining and sorting, and the LATERALs and OFFSETs in the text.
		"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
		"enable_sort": "off", "join_collapse_limit": "1", "max_parallel_workers_per_gather": "0",
	} {
		params[name] = value
	}
	if c.ConnectTimeout == 0 || c.ConnectTimeout > o.Timeout {
		c.ConnectTimeout = o.Timeout / 2
	}
	c.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	config.MaxConns, config.PingTimeout = int32(o.Conns), o.Timeout/4
	return config, schema, nil
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(1, d.Milliseconds()), 10)
}

// withoutSecrets words an error about a URL without any part of it that could be secret.
func withoutSecrets(err error, rawURL string) string {
	var parsing *url.Error
	if errors.As(err, &parsing) {
		return "it is no URL of the form postgres://user:password@host:port/database"
	}
	text := err.Error()
	// The library hides the password in the part that it quotes; that part goes as a whole, since a mistyped URL may have its
	// password where the library doesn't look for one.
	if before, after, found := strings.Cut(text, "`"); found {
		if _, rest, found := strings.Cut(after, "`"); found {
			text = strings.TrimLeft(strings.TrimSuffix(before, "cannot parse ")+rest, ": ")
		}
	}
	if u, err := url.Parse(rawURL); err == nil && u.User != nil {
		if password, set := u.User.Password(); set && password != "" {
			text = strings.ReplaceAll(text, password, "…")
		}
	}
	return text
}

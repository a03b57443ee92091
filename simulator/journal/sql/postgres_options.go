package sqljournal

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

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

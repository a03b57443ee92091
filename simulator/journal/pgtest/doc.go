// Package pgtest gives tests a real PostgreSQL: a server of their own, started from the machine's postgres and initdb,
// with a data directory that is thrown away, and a proxy in front of it that can be slow, or cut.
//
// It never skips: where there is no PostgreSQL it says what to install. As root it runs the server as another user,
// because PostgreSQL refuses to be root.
package pgtest

// Package postgres is a journal.Journal in a PostgreSQL database, which many processes share: replicas behind a load
// balancer see the same payments, notes and due work, and each piece of work is handed to one of them.
//
//	append.go    what arrives while a transaction is under way goes into the next one together; each append is judged alone
//	work.go      due work: handed out once over all processes
//	watch.go     one connection listens for what others changed, says that this process lives, and frees the work of the dead
//	retry.go     what a fault of the network or the server means, and how long a call keeps trying
//	lanes.go     how concurrent calls share a round trip
//	schema.go    the tables, and how a schema of an older version is brought forward
//
// All tables lie in a schema of their own (mozartosim; ?schema=NAME in the URL names another). The database's clock alone
// decides who is alive; the companies' clocks are none of its business. It needs plain sessions: a pooler in front of it
// must not share one between clients, since locks and notifications belong to sessions.
package postgres

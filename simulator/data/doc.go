// Package data opens what --data names: memory, a file of one process's own, or a database that several processes share; and finds
// the key under which companies' secrets are sealed in it. It checks, exports and imports what is kept there, while no simulator
// runs on it.
package data

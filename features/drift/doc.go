// Package drift says where two runs of the harness saw different things, or where one saw something else than the contract
// says: a field more or less, another type, another text, notices in another order, an assumption that held or did not.
package drift

package journaltest

import (
	"errors"
	"testing"

	"mozartosim/simulator/journal"
)

// The bounds of the requests that a journal of the suite keeps.
const (
	MaxRequests     = 200
	MaxRequestBytes = 100_000
)

// Run holds a store against the contract of journal.Journal. open makes an empty journal with room for a few thousand streams, and
// for MaxRequests requests of a company that count at most MaxRequestBytes; the suite closes what it has opened.
func Run(t *testing.T, open func(t *testing.T) journal.Journal) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, journal.Journal){
		"append keeps entries in order":      keepsOrder,
		"append refuses a stale writer":      refusesStaleWriters,
		"append is all or nothing":           isAllOrNothing,
		"a stream keeps its keys":            keepsKeys,
		"seq counts a company's entries":     countsEntries,
		"labels are replaced":                replacesLabels,
		"list filters":                       listFilters,
		"list by a label that is set":        listHaving,
		"list goes from newest to oldest":    listPages,
		"find":                               finds,
		"companies don't meet":               isolates,
		"forget":                             forgets,
		"stats":                              counts,
		"what is returned is safe":           returnsCopies,
		"feed":                               feeds,
		"changes are told":                   tellsOfChanges,
		"export and import":                  restores,
		"broken copies are refused":          refusesBrokenCopies,
		"jobs are claimed in order":          claimsInOrder,
		"later jobs are not carried out":     carriesOutNothingOfLater,
		"far jobs come last":                 claimsFarJobsLast,
		"jobs can be picked and released":    claimsSome,
		"pending jobs of one stream":         pendingJobsOfStream,
		"jobs are completed by an append":    completesJobs,
		"a job is carried out once":          carriesOutOnce,
		"a job is claimed once":              claimsOnce,
		"settings":                           keepsSettings,
		"settings by name":                   findsSettingsByName,
		"settings stay when payments go":     leavesSettingsAlone,
		"changes of settings are told":       tellsOfSettings,
		"one of many puts a setting":         putsOneOfMany,
		"requests are kept":                  keepsRequests,
		"requests are bounded":               boundsRequests,
		"many write requests":                keepsRequestsOfMany,
		"locks":                              locks,
		"ordinals are unique":                givesOrdinals,
		"one of many writers wins":           letsOneWin,
		"one of many claimants gets the key": givesKeyToOne,
		"forgetting while others write":      forgetsUnderLoad,
		"a closed journal says so":           closes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := open(t)
			t.Cleanup(func() {
				if err := j.Close(); err != nil && !errors.Is(err, journal.ErrClosed) {
					t.Errorf("close: %v", err)
				}
			})
			defer failed(t)
			test(t, j)
		})
	}
}

package certify

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/target"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/egress"
)

// Options are the options of a run beside its configuration.
type Options struct {
	Capabilities []string                                  // empty = all
	AdminToken   string                                    // of a simulator that runs already
	Logf         func(format string, args ...any)          // reports progress to people; nil = it is not reported
	Scenario     func(evidence.Feature, evidence.Scenario) // called when a check ends; nil = it is not
	Wall         func() time.Time                          // for measured times; nil = the machine's clock
	Log          *slog.Logger                              // of the simulator in this process; nil = none
	Version      string
	Observed     []string      // files of observations, for the simulator in this process
	Guard        *egress.Guard // of calls to the merchant's systems; nil = one without a list
}

// guarded is a transport to the merchant's systems.
func (o *Options) guarded() http.RoundTripper {
	guard := o.Guard
	if guard == nil {
		guard = &egress.Guard{}
	}
	return guard.Transport(unguarded())
}

// session is one run: the merchant on one side, the simulator on the other, and the checks between them.
type session struct {
	config  *Config
	options Options
	flows   []*flow
	checks  []Check
	runs    []*checkRun
	target  *target.Target // as the harness knows it: contract and masker of this run
	masker  *evidence.Masker
	gateway *gateway
	client  *http.Client // to the merchant
	wall    func() time.Time
	logf    func(format string, args ...any)

	public  string       // the Cashier API
	control *http.Client // to the admin API
	api     *adminapi.Client
	company *adminapi.CompanyClient
	before  *adminapi.CompanyClient // the company's copy, which is as it was; nil when nothing is to be restored
	own     io.Closer               // the simulator of this process; nil for one that was running
	observe func(evidence.Exchange) // keeps a call of the admin API; nil between checks

	id      string        // of the run, in references
	drawn   int           // references so far
	booking time.Duration // how long after its acknowledgement the merchant was seen to book
	fatal   error         // why the run can't go on
	stop    chan struct{} // closed then
}

// reference draws the next payment's reference.
func (s *session) reference() string {
	s.drawn++
	return fmt.Sprintf("cert-%s-%d", s.id, s.drawn)
}

// broken ends the run where there is an error that is the certifier's own, or the simulator's: it can't go on. It returns the error.
func (s *session) broken(err error) error {
	if err != nil && s.fatal == nil {
		s.fatal = err
		close(s.stop)
	}
	return err
}

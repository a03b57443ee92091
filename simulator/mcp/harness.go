package mcp

import (
	"context"
	"fmt"
	"regexp"

	"mozartosim/simulator/adminapi"
)

// Harness runs features and checks against what the operator configured.
type Harness struct {
	// Run runs features of the contract against the operator's target, keeps what it saw under a name unless that is "", and reports it.
	Run func(ctx context.Context, psp, tags, name, keep string) (report string, err error)
	// Learn learns observations from runs, by the names that they are kept under; nil = nothing is kept.
	Learn func(ctx context.Context, runs []string) (report string, err error)
	// Certify tests the merchant's system that the operator configured, one capability of it unless that is ""; nil = none is.
	Certify func(ctx context.Context, capability string) (report string, err error)
}

// reported is what a run printed.
type reported struct {
	Report string `json:"report"`
	Failed string `json:"failed,omitempty"` // why it has no full marks
}

// report is a run's outcome: a run that failed has been reported nevertheless.
func report(text string, err error) (any, error) {
	if err != nil && text == "" {
		return nil, err
	}
	out := reported{Report: text}
	if err != nil {
		out.Failed = err.Error()
	}
	return out, nil
}

// keptName is what runs are kept under: no path leads out of the operator's folder.
var keptName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func checkName(name string) error {
	if len(name) > 64 || !keptName.MatchString(name) {
		return fmt.Errorf("%q must be a name of letters, digits, - and _, such as before-the-change", name)
	}
	return nil
}

func (s *server) addHarness() {
	if s.Harness == nil {
		return
	}
	type runIn struct {
		Of
		PSP  string `json:"psp,omitempty" jsonschema:"only scenarios of this provider, such as TRUST"`
		Tags string `json:"tags,omitempty" jsonschema:"only these scenarios, such as: @webhook and not @slow"`
		Name string `json:"name,omitempty" jsonschema:"only scenarios and features whose name matches this regular expression"`
		Keep string `json:"keep,omitempty" jsonschema:"keep what was seen under this name, for learn"`
	}
	tool(s, "run_features", "Run features", "Runs the contract's features against the target that the operator configured (the simulator unless another is), and reports which scenarios pass.",
		adds, nil, func(ctx context.Context, _ *adminapi.CompanyClient, in runIn) (any, error) {
			if in.Keep != "" {
				if err := checkName(in.Keep); err != nil {
					return nil, fmt.Errorf("keep: %w", err)
				}
			}
			return report(s.Harness.Run(ctx, in.PSP, in.Tags, in.Name, in.Keep))
		})
	if s.Harness.Learn != nil {
		type learnIn struct {
			Of
			Runs []string `json:"runs" jsonschema:"names that run_features kept runs under"`
		}
		tool(s, "learn", "Learn observations", "Learns from kept runs what a real target does differently, and writes it to the operator's observations file.", adds, nil,
			func(ctx context.Context, _ *adminapi.CompanyClient, in learnIn) (any, error) {
				for _, name := range in.Runs {
					if err := checkName(name); err != nil {
						return nil, fmt.Errorf("runs: %w", err)
					}
				}
				return report(s.Harness.Learn(ctx, in.Runs))
			})
	}
	if s.Harness.Certify != nil {
		type certifyIn struct {
			Of
			Capability string `json:"capability,omitempty" jsonschema:"only this one, such as idempotency"`
		}
		tool(s, "certify", "Certify the merchant's system", "Tests the merchant's own system that the operator configured, and grades it.", adds, nil,
			func(ctx context.Context, _ *adminapi.CompanyClient, in certifyIn) (any, error) {
				return report(s.Harness.Certify(ctx, in.Capability))
			})
	}
}

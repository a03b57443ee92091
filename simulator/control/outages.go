package control

import (
	"context"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/scenario"
)

// outages answers for providers that are unavailable.
type outages struct {
	directory directory
	cashier   *openapi.Contract
	runtimes  *company.Runtimes
	settings  Settings
}

func (o *outages) routes() map[string]methods {
	of := o.directory.of
	return map[string]methods{
		"/v1/companies/{company}/outages":       {"GET": of(o.list)},
		"/v1/companies/{company}/outages/{psp}": {"PUT": of(o.start), "DELETE": of(o.end)},
	}
}

func (o *outages) inForce(c *backoffice.Company) []company.Outage {
	rt := o.runtimes.Get(c.ID)
	return rt.Outages.List(rt.Clock.Now())
}

func outageOf(o company.Outage) adminapi.Outage {
	return adminapi.Outage{
		PSP: o.PSP, Kind: string(o.Kind), For: durationText(o.For), Delay: durationText(o.Delay), Until: o.Until,
	}
}

// durationText writes a duration, "" for none.
func durationText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return scenario.FormatDuration(d)
}

func (o *outages) list(_ context.Context, _ *request, c *backoffice.Company) (any, error) {
	return adminapi.OutageList{Outages: each(o.inForce(c), outageOf)}, nil
}

func (o *outages) start(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := body[adminapi.OutageInput](r)
	if err != nil {
		return nil, err
	}
	psp, err := o.psp(r, c)
	if err != nil {
		return nil, err
	}
	out := scenario.Outage{PSP: psp, Kind: scenario.OutageKind(in.Kind)}
	if out.For, err = duration("for", in.For); err != nil {
		return nil, err
	}
	if out.Delay, err = duration("delay", in.Delay); err != nil {
		return nil, err
	}
	switch slow := out.Kind == scenario.SlowProvider; {
	case slow && out.Delay == 0:
		return nil, breaks("delay must say how late the provider answers, such as 20s")
	case !slow && in.Delay != "":
		return nil, breaks("delay must not be set unless kind is slow")
	case in.For != "" && out.For == 0:
		return nil, breaks("for must be longer than 0s")
	}
	if err := o.settings.StartOutage(ctx, c.ID, out); err != nil {
		return nil, err
	}
	for _, started := range o.inForce(c) {
		if started.PSP == psp {
			return outageOf(started), nil
		}
	}
	return outageOf(company.Outage{PSP: psp, Kind: out.Kind, For: out.For, Delay: out.Delay}), nil // it is over already, on a fast clock
}

// psp is the provider that the path names.
func (o *outages) psp(r *request, c *backoffice.Company) (string, error) {
	psp := r.path["psp"]
	if o.cashier.ConfigurationOf(psp) == "" {
		return "", noPSP(o.cashier, c, psp)
	}
	return psp, nil
}

func (o *outages) end(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	psp, err := o.psp(r, c)
	if err != nil {
		return nil, err
	}
	ended, err := o.settings.EndOutage(ctx, c.ID, psp)
	if err == nil && !ended {
		err = notFound("company %s has no outage of %s", c.Name, psp)
	}
	return adminapi.Deleted{Deleted: psp}, err
}

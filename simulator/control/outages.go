package control

import (
	"context"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/scenario"
)

func outageOf(o scenario.Outage) adminapi.Outage {
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

func listOutages(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	rt := r.Runtimes.Get(c.ID)
	return map[string][]adminapi.Outage{"outages": each(rt.Outages.Get().InForce(rt.Clock.Now()), outageOf)}, nil
}

func startOutage(ctx context.Context, r *request, c *backoffice.Company, in adminapi.OutageInput) (any, error) {
	psp, err := pspOf(r, c)
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
		return nil, openapi.InvalidAt("delay", "must say how late the provider answers, such as 20s")
	case !slow && in.Delay != "":
		return nil, openapi.InvalidAt("delay", "must not be set unless kind is slow")
	case in.For != "" && out.For == 0:
		return nil, openapi.InvalidAt("for", "must be longer than 0s")
	}
	started, err := r.Settings.StartOutage(ctx, c.ID, out)
	return outageOf(started), err
}

// pspOf is the provider that the path names.
func pspOf(r *request, c *backoffice.Company) (string, error) {
	psp := r.path["psp"]
	if r.Reader.Cashier.ConfigurationOf(psp) == "" {
		return "", noPSP(r.Reader.Cashier, c, psp)
	}
	return psp, nil
}

func endOutage(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	psp, err := pspOf(r, c)
	if err != nil {
		return nil, err
	}
	ended, err := r.Settings.EndOutage(ctx, c.ID, psp)
	if err == nil && !ended {
		err = notFound("company %s has no outage of %s", c.Name, psp)
	}
	return adminapi.Deleted{Deleted: psp}, err
}

package control

import (
	"context"
	"errors"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

// ofCalls finds the company that a call is about: one without an id with unknown=true.
func ofCalls(handle func(ctx context.Context, r *request, c *backoffice.Company) (any, error)) handler {
	known := of(handle)
	return func(ctx context.Context, r *request) (any, error) {
		if r.query["unknown"] != "true" {
			return known(ctx, r)
		}
		if r.query["company"] != "" {
			return nil, openapi.InvalidAt("unknown", "must not be set beside company: those calls belong to no company")
		}
		return handle(ctx, r, &backoffice.Company{Profile: adminapi.Profile{Name: "none"}})
	}
}

func listRequests(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return r.Requests.Search(ctx, c.ID, queryOf[adminapi.RequestQuery](r))
}

func exportRequests(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return r.Requests.Archive(ctx, c.ID, queryOf[adminapi.RequestQuery](r))
}

func readRequest(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	found, err := r.Requests.Get(ctx, c.ID, r.path["request"])
	if errors.Is(err, journal.ErrNotFound) && c.ID != "" { // who has its id can't know whether it reached a company
		found, err = r.Requests.Get(ctx, "", r.path["request"])
	}
	return found, orNotFound(err, "company %s has no request %s, nor is it one that reached no company: it may have been dropped", c.Name, r.path["request"])
}

func followRequests(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return r.follow(ctx, c, r.Requests.Follow)
}

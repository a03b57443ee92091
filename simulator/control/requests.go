package control

import (
	"context"
	"errors"
	"strconv"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/requestlog"
)

// of finds the company that a call is about: one without an id with unknown=true.
func ofCalls(handle func(ctx context.Context, r *request, c *backoffice.Company) (any, error)) handler {
	known := of(handle)
	return func(ctx context.Context, r *request) (any, error) {
		if r.query["unknown"] != "true" {
			return known(ctx, r)
		}
		if r.query["company"] != "" {
			return nil, breaks("unknown", "must not be set beside company: those calls belong to no company")
		}
		return handle(ctx, r, &backoffice.Company{Name: "none"})
	}
}

func requestQuery(r *request) (by journal.RequestQuery, err error) {
	by = journal.RequestQuery{
		Stage: r.query["stage"], Rule: r.query["rule"], Payment: r.query["payment"], Limit: r.limit(),
		Refused: r.query["outcome"] == "refused", Accepted: r.query["outcome"] == "accepted",
	}
	by.Status, _ = strconv.Atoi(r.query["status"]) // the contract has checked it; 0 = any
	by.Before, err = cursorOrdinal(r.query["cursor"])
	return by, err
}

func pickOf(r *request) requestlog.Pick {
	return requestlog.Pick{Text: r.query["q"], Kind: r.query["kind"]}
}

func listRequests(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	by, err := requestQuery(r)
	if err != nil {
		return nil, err
	}
	found, left, err := r.Requests.Search(ctx, c.ID, by, pickOf(r))
	return adminapi.RequestList{Requests: orEmpty(found), Next: cursorAfter(left)}, err
}

func exportRequests(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	by, err := requestQuery(r)
	if err != nil {
		return nil, err
	}
	return r.Requests.Archive(ctx, c.ID, by, pickOf(r))
}

func readRequest(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	found, err := r.Requests.Get(ctx, c.ID, r.path["request"])
	if errors.Is(err, journal.ErrNotFound) && c.ID != "" { // who has its id can't know whether it reached a company
		found, err = r.Requests.Get(ctx, "", r.path["request"])
	}
	return found, orNotFound(err, "company %s has no request %s, and none without a company is it: it may have been dropped", c.Name, r.path["request"])
}

func followRequests(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return r.follow(ctx, c, r.Requests.Follow)
}

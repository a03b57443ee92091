package control

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
)

func listCompanies(_ context.Context, r *request) (any, error) {
	all := r.Companies.List()
	from, err := startOf(all, r.query["cursor"])
	if err != nil {
		return nil, err
	}
	limit := r.limit()
	page, next := all[from:], ""
	if len(page) > limit {
		page, next = page[:limit], page[limit].ID
	}
	out := adminapi.CompanyList{Companies: make([]adminapi.Company, len(page)), Next: next}
	for i, one := range page {
		if out.Companies[i], err = r.view(one); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// startOf finds the place where a page begins. The cursor is the id of the page's first company, so that deleting the
// companies of one page before asking for the next skips none.
func startOf(all []*backoffice.Company, cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	for i, c := range all {
		if c.ID == cursor {
			return i, nil
		}
	}
	return 0, invalid("the cursor leads nowhere: its company was deleted, list again from the start")
}

func createCompany(ctx context.Context, r *request) (any, error) {
	doc, err := r.document()
	if err != nil {
		return nil, err
	}
	if err := r.unmask(doc, &backoffice.Company{}); err != nil {
		return nil, err
	}
	company, err := r.Reader.Company(doc)
	if err != nil {
		return nil, err
	}
	done, err := r.Settings.Exclusive(ctx, "")
	if err != nil {
		return nil, err
	}
	defer done()
	added, err := r.Companies.Add(company, r.Runtimes.Now(company.ID))
	if err != nil {
		return nil, err
	}
	view, err := r.view(added)
	view.Credentials = added.Credentials // in clear this once
	return created{below(added), view}, err
}

func readCompany(_ context.Context, r *request, company *backoffice.Company) (any, error) {
	return r.view(company)
}

func replaceCompany(ctx context.Context, r *request) (any, error) {
	sent, err := r.document()
	if err != nil {
		return nil, err
	}
	return exchangeCompany(ctx, r, func(*backoffice.Company) (openapi.Document, error) { return sent, nil })
}

// patchCompany applies a JSON merge patch (RFC 7396).
func patchCompany(ctx context.Context, r *request) (any, error) {
	sent, err := r.document("application/merge-patch+json")
	if err != nil {
		return nil, err
	}
	return exchangeCompany(ctx, r, func(current *backoffice.Company) (openapi.Document, error) {
		doc, err := asInput(current)
		return openapi.Document{Fields: merge(doc.Fields, sent.Fields)}, err
	})
}

func merge(target, patch map[string]any) map[string]any {
	merged := maps.Clone(target)
	if merged == nil {
		merged = map[string]any{}
	}
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(merged, name)
		case map[string]any:
			below, _ := merged[name].(map[string]any)
			merged[name] = merge(below, value)
		default:
			merged[name] = value
		}
	}
	return merged
}

// exchangeCompany puts the company that input describes in the place of the one that the path names.
func exchangeCompany(ctx context.Context, r *request, input func(*backoffice.Company) (openapi.Document, error)) (any, error) {
	changed, err := r.change(ctx, func(current backoffice.Company) (backoffice.Company, error) {
		doc, err := input(&current)
		if err != nil {
			return current, err
		}
		if err := r.unmask(doc, &current); err != nil {
			return current, err
		}
		next, err := r.Reader.Company(doc)
		if err != nil {
			return current, err
		}
		return next, inherit(&next, &current)
	})
	if err != nil {
		return nil, err
	}
	return r.view(changed)
}

// inherit gives a company what stays when it replaces another.
func inherit(next, current *backoffice.Company) error {
	if next.ID != "" && next.ID != current.ID {
		return openapi.InvalidAt("id", "must be %s: it can't be changed", current.ID)
	}
	next.ID, next.Created = current.ID, current.Created
	if next.Credentials.APIKey == "" {
		next.Credentials.APIKey = current.Credentials.APIKey
	}
	if next.Credentials.SecretKey == "" {
		next.Credentials.SecretKey = current.Credentials.SecretKey
	}
	if next.Seed == 0 {
		next.Seed = current.Seed
	}
	return nil
}

func deleteCompany(ctx context.Context, r *request) (any, error) {
	done, err := r.Settings.Exclusive(ctx, "")
	if err != nil {
		return nil, err
	}
	defer done()
	company, err := r.find(r.path["company"])
	if err != nil {
		return nil, err
	}
	if _, err := r.Companies.Delete(company.ID); err != nil {
		return nil, err
	}
	n, err := r.Snapshots.Reset(ctx, company.ID, false)
	if err != nil {
		return nil, fmt.Errorf("drop the payments of %s: %w", company.Name, err)
	}
	return adminapi.Deleted{Deleted: company.ID, Payments: n}, nil
}

// mintTokens mints tokens with the same `iat` always, so that the same company and user always get the same ones.
func mintTokens(_ context.Context, r *request, company *backoffice.Company) (any, error) {
	in, err := r.optional("TokensInput")
	if err != nil {
		return nil, err
	}
	claims, err := company.Claims(in.Text("userId"))
	var unknown *backoffice.UnknownUser
	if errors.As(err, &unknown) {
		return nil, openapi.InvalidAt("userId", "must be one of the company's users: %v", unknown)
	}
	if err != nil {
		return nil, err
	}
	out := adminapi.Tokens{URL: r.Base.URL() + openapi.CashierPath}
	out.Company, out.User, err = identity.Tokens(company.Credentials.APIKey, company.Credentials.SecretKey, claims, identity.Epoch())
	return out, err
}

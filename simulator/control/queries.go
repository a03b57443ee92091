package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
)

// The bounds of waiting, in real time.
const (
	defaultWait = 10 * time.Second
	maxWait     = 5 * time.Minute
)

// waiting reads how long a call waits for what happens, in real time.
func waiting(timeout string) (limit time.Duration, err error) {
	if timeout == "" {
		return defaultWait, nil
	}
	if limit, err = duration("timeout", timeout); err == nil && limit > maxWait {
		err = openapi.InvalidAt("timeout", "must be at most 5m")
	}
	return limit, err
}

func waitFor(ctx context.Context, r *request, c *backoffice.Company, in adminapi.WaitInput) (any, error) {
	limit, err := waiting(in.Timeout)
	if err != nil {
		return nil, err
	}
	return r.Queries.Wait(ctx, c.ID, in.Condition, limit)
}

func verify(ctx context.Context, r *request, c *backoffice.Company, in adminapi.VerifyInput) (any, error) {
	return r.Queries.Verify(ctx, c.ID, in.Received)
}

func takeSnapshot(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	doc, err := r.Snapshots.Snapshot(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("snapshot of %s: %w", c.Name, err)
	}
	return stream(func(w http.ResponseWriter) {
		defer doc.Close() //nolint:errcheck // it was only read
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Length", strconv.FormatInt(doc.Size(), 10))
		_, _ = doc.WriteTo(w) // the client has gone, or sees by the length that something is missing
	}), nil
}

// restoreSnapshot hands the body on as it arrives: what a company may have bounds a snapshot, and nothing else.
func restoreSnapshot(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	if err := r.is("application/json"); err != nil {
		return nil, err
	}
	restored, err := r.Snapshots.Restore(ctx, c.ID, arriving{r.http.Body})
	if err != nil {
		return nil, fmt.Errorf("restore %s: %w", c.Name, err)
	}
	return restored, nil
}

// arriving is a body; when it ends early the client is told so, if it can be.
type arriving struct{ io.Reader }

func (a arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = notWhole()
	}
	return n, err
}

func dropPayments(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	dropped, err := r.Snapshots.Reset(ctx, c.ID, r.keepClock())
	if err != nil {
		return nil, fmt.Errorf("drop the payments of %s: %w", c.Name, err)
	}
	return map[string]int{"dropped": dropped}, nil
}

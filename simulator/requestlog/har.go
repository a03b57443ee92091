package requestlog

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
)

// object is an object of an HTTP archive.
type object = map[string]any

// Archive returns calls as an HTTP archive (HAR 1.2), the oldest first. The calls are those that Search finds.
func (l *Log) Archive(ctx context.Context, company string, by adminapi.RequestQuery) (json.RawMessage, error) {
	kept, err := l.Search(ctx, company, by)
	if err != nil {
		return nil, err
	}
	entries := []object{}
	for _, one := range slices.Backward(kept.Requests) {
		r, err := l.Get(ctx, company, one.ID)
		if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
			continue
		}
		if err != nil {
			return nil, err
		}
		if r.Payment != "" && r.Body == "" && r.Answer == "" && strings.HasPrefix(r.Path, "/v1/") {
			r.Body, r.Answer = l.Payment(ctx, company, r.Payment)
		}
		entries = append(entries, entryOf(&r, l.Base()))
	}
	return json.Marshal(object{"log": object{
		"version": "1.2", "creator": object{"name": "mozartosim", "version": l.Version}, "entries": entries,
	}})
}

// entryOf is a call as the archive has it; what is unknown is -1 there.
func entryOf(r *adminapi.Request, base string) object {
	query := []adminapi.RequestHeader{}
	if u, err := url.Parse(r.Path); err == nil {
		for _, name := range slices.Sorted(maps.Keys(u.Query())) {
			for _, value := range u.Query()[name] {
				query = append(query, adminapi.RequestHeader{Name: name, Value: value})
			}
		}
	}
	request := object{
		"method": r.Method, "url": base + r.Path, "httpVersion": r.Protocol, "cookies": []object{}, "headers": r.Headers,
		"queryString": query, "headersSize": -1, "bodySize": r.BodyBytes,
	}
	if r.Body != "" {
		request["postData"] = object{"mimeType": "application/json", "text": r.Body}
	}
	answered := "application/json"
	if strings.HasPrefix(r.Path, "/pay/") {
		answered = "text/html"
	}
	entry := object{
		"startedDateTime": r.At.Format("2006-01-02T15:04:05.000Z07:00"), "time": r.TookMS, "cache": object{},
		"timings": object{"send": 0, "wait": r.TookMS, "receive": 0}, "request": request,
		"response": object{
			"status": r.Status, "statusText": http.StatusText(r.Status), "httpVersion": r.Protocol, "cookies": []object{},
			"headers":     []adminapi.RequestHeader{{Name: Header, Value: r.ID}},
			"content":     object{"size": len(r.Answer), "mimeType": answered, "text": r.Answer},
			"redirectURL": "", "headersSize": -1, "bodySize": -1,
		},
	}
	if r.Outcome == "refused" {
		entry["comment"] = "refused by " + r.Stage + ": " + r.Reason
	}
	return entry
}

package adminapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// FromNow makes Events begin with what happens next.
const FromNow = -1

// errEnded says that the simulator ended a stream of events.
var errEnded = errors.New("the simulator ended the stream of events")

// Events follows the company's events, those after the event with this number; 0 is the beginning, FromNow what happens
// next. It returns once the simulator has accepted the call. The events are to be ranged over once; leaving the loop, or the
// end of ctx, closes the connection. What ends the stream otherwise is its last error.
func (c *CompanyClient) Events(ctx context.Context, after int64) (iter.Seq2[StreamEvent, error], error) {
	return follow[StreamEvent](ctx, c.at.client, "/v1/events", c.at.named(url.Values{}), after)
}

func follow[E any](ctx context.Context, c *Client, path string, q url.Values, after int64) (iter.Seq2[E, error], error) {
	header := http.Header{"Accept": {"text/event-stream"}}
	if after >= 0 {
		header.Set("Last-Event-ID", strconv.FormatInt(after, 10))
	}
	answer, err := c.send(ctx, http.MethodGet, path, q, nil, header) //nolint:bodyclose // the loop over the events closes it
	if err != nil {
		return nil, err
	}
	return func(yield func(E, error) bool) {
		defer answer.Body.Close()
		err := eachEvent(answer.Body, func(e E) bool { return yield(e, nil) })
		if err != nil && ctx.Err() == nil {
			var none E
			yield(none, err)
		}
	}, nil
}

// eachEvent reads Server-Sent Events until the consumer has enough; their data is one line of JSON, comments are skipped.
func eachEvent[E any](stream io.Reader, consume func(E) bool) error {
	for in := bufio.NewReader(stream); ; {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return errEnded
		}
		if err != nil {
			return fmt.Errorf("the stream of events ended early: %w", err)
		}
		data, isData := bytes.CutPrefix(line, []byte("data: "))
		if !isData {
			continue
		}
		var e E
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("read an event: %w", err)
		}
		if !consume(e) {
			return nil
		}
	}
}

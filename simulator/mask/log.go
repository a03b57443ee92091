package mask

import (
	"fmt"
	"io"
	"log/slog"
)

// NewLogger makes a logger that writes lines of text, or of JSON, and masks what is secret in every value.
func NewLogger(out io.Writer, json, verbose bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: masked}
	if verbose {
		options.Level = slog.LevelDebug
	}
	if json {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

// masked is an attribute of a log line, or its message, with what is secret in it masked.
func masked(_ []string, a slog.Attr) slog.Attr {
	switch value := a.Value.Any().(type) {
	case string:
		a.Value = slog.StringValue(Text(value))
	case error:
		a.Value = slog.StringValue(Text(value.Error()))
	case fmt.Stringer:
		if a.Value.Kind() == slog.KindAny { // a URL, say
			a.Value = slog.StringValue(Text(value.String()))
		}
	}
	return a
}

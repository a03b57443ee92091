package console

import "testing"

func TestParseReplies(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"500": "500", "500 x2": "500 x2", "200 after 3s x4": "200 x4 after 3s", "hang up": "hang up", "hang up x3": "hang up x3",
		`400 body {"a": 1}`: `400 body {"a": 1}`, `{"status": 503, "times": 2}`: "503 x2", "  \n": "",
	} {
		got, err := parseReplies(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if len(got) == 0 && want == "" {
			continue
		}
		if formatReply(got[0]) != want {
			t.Errorf("%s is read as %s, want %s", text, formatReply(got[0]), want)
		}
	}
	for _, text := range []string{"x", "500 y", "500 xx", "{", `{"state": 1}`, "hang on"} {
		if _, err := parseReplies(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func FuzzParseReplies(f *testing.F) {
	f.Add("500 x2\n200 after 3s\nhang up")
	f.Add(`{"status": 1}`)
	f.Fuzz(func(_ *testing.T, text string) {
		replies, err := parseReplies(text)
		if err != nil {
			return
		}
		for _, r := range replies {
			_ = formatReply(r)
		}
	})
}

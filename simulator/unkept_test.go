package simulator

import (
	"regexp"
	"strings"
	"testing"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// refusing is a journal that keeps the settings that put says it does: put counts them from 1.
func refusing(keeps func(put int) bool) *journaltest.Faulty {
	put := 0
	return &journaltest.Faulty{Journal: journal.NewMemory(0), Fail: func(call string) journaltest.Fault {
		if call != "put setting" {
			return journaltest.NoFault
		}
		if put++; keeps(put) {
			return journaltest.NoFault
		}
		return journaltest.Before
	}}
}

// A setting that can't be kept is not in force either.
func TestUnkeptSettingsAreNotInForce(t *testing.T) {
	t.Parallel()
	full := false
	d := open(t, on(refusing(func(int) bool { return !full }))).adminOf(t, "full", nil)
	full = true
	for path, body := range map[string]string{
		"/clock": `{"mode": "real"}`, "/outages/PAYONE": `{"kind": "down"}`, "/inbox": `{"replies": [{"status": 500}]}`,
		"/scenarios/never": `{"answer": {"delay": "1s"}}`,
	} {
		d.call("PUT", d.at(path), body).want(500)
	}
	d.call("GET", d.at("/clock"), "").want(200).is("mode", "manual")
	d.call("GET", d.at("/outages"), "").want(200).is("outages", "0")
	d.call("GET", d.at("/inbox"), "").want(200).is("replies", "0")
	d.call("GET", d.at("/scenarios/never"), "").want(404)
}

// A company that could not be kept whole is not there after a restart.
func TestCompaniesAreKeptWhole(t *testing.T) {
	t.Parallel()
	names := func(a adminAnswer) string {
		return strings.Join(regexp.MustCompile(`"name":"[^"]*"`).FindAllString(a.want(200).text, -1), " ")
	}
	for refused := range 2 {
		made := 0
		counting := false
		j := refusing(func(int) bool {
			if counting {
				made++
			}
			return !counting || made != refused+1
		})
		d := open(t, on(j)).adminOf(t, "first", nil)
		before := names(d.call("GET", "/v1/companies", ""))
		counting = true
		d.call("POST", "/v1/companies", `{"name": "half"}`).want(500)
		counting = false
		again := d.in(open(t, on(j)))
		if after := names(again.call("GET", "/v1/companies", "")); after != before {
			t.Errorf("setting %d is refused: before %s, after a restart %s", refused+1, before, after)
		}
		again.call("POST", "/v1/companies", `{"name": "half"}`).want(201)
	}
}

package doctor

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/words"
)

// clientVariables are read by client verbs and by tests, and are no flags of serve; `contract run` has its own prefix.
func clientVariables() []string {
	return []string{
		"MOZARTOSIM_ADMIN_URL", "MOZARTOSIM_URL", "MOZARTOSIM_COMPANY", "MOZARTOSIM_ADMIN_FINGERPRINT",
		"MOZARTOSIM_CHROMIUM", "MOZARTOSIM_SCREENSHOTS",
	}
}

// settings checks flags and environment for what is wrong and for what has no effect.
func settings(_ context.Context, s Setup) (found []words.Finding) {
	const check = "settings"
	if err := s.Config.Validate(); err != nil {
		for line := range strings.Lines(err.Error()) {
			found = append(found, words.Problem.Finding(check, strings.TrimSpace(line), "correct the flag or its variable"))
		}
	}
	found = append(found, Unknown(s.Environment, s.Flags)...)
	found = append(found, withoutEffect(s.Config)...)
	if len(found) == 0 {
		found = append(found, words.Fine.Finding(check, "all are valid", ""))
	}
	return found
}

// Unknown finds the variables of an environment (NAME=value) that look like settings and are none; flags are those of serve.
func Unknown(environment, flags []string) (found []words.Finding) {
	known := clientVariables()
	for _, flag := range flags {
		known = append(known, variable(flag))
	}
	for _, entry := range environment {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "MOZARTOSIM_") || strings.HasPrefix(name, "MOZARTOSIM_CONTRACT_") || slices.Contains(known, name) {
			continue
		}
		fix := "unset it" + openapi.DidYouMean(name, known)
		found = append(found, words.Warning.Finding("settings", name+" has no effect: no such setting", fix))
	}
	return found
}

func variable(flag string) string {
	return "MOZARTOSIM_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// withoutEffect finds flags that have no effect because of another one.
func withoutEffect(c simulator.Config) (found []words.Finding) {
	usual := simulator.Default()
	for _, unused := range []struct {
		flag, because, fix string
		is                 bool
	}{
		{"clock-factor", "the clock is " + string(c.Clock), "set --clock scaled", c.ClockFactor != usual.ClockFactor && c.Clock != clock.Scaled},
		{"clock-start", "the clock is " + string(c.Clock), "set --clock manual", !c.ClockStart.IsZero() && c.Clock != clock.Manual},
		{"shopper-after", "the shopper is manual", "set --shopper auto, or leave it out", c.ShopperAfter != usual.ShopperAfter && c.Shopper == simulator.ManualShopper},
		{"data-key", "nothing is stored", "set --data, or leave it out", c.DataKey != "" && c.Data == ""},
		{"webhook-url", "the companies come from --config", "set webhookUrl in " + c.ConfigFile, c.ConfigFile != "" && c.WebhookURL != usual.WebhookURL},
		{"admin-token", "the admin API is off", "set --admin-addr, or leave it out", c.AdminToken != "" && c.AdminAddr == ""},
	} {
		if unused.is {
			found = append(found, words.Warning.Finding("settings", "--"+unused.flag+" has no effect: "+unused.because, unused.fix))
		}
	}
	return found
}

// ports checks whether the listeners' addresses are free, or used by a simulator that runs already.
func ports(ctx context.Context, s Setup) (found []words.Finding) {
	var running Running
	if s.Running != nil {
		running = *s.Running
	}
	for _, one := range []struct{ flag, address, running string }{
		{"public-addr", s.Config.PublicAddr, running.Public}, {"admin-addr", s.Config.AdminAddr, running.URL},
	} {
		if one.address == "" {
			continue
		}
		check := "port of --" + one.flag
		opened, err := (&net.ListenConfig{}).Listen(ctx, "tcp", one.address)
		switch {
		case err == nil:
			_ = opened.Close()
			found = append(found, words.Fine.Finding(check, one.address+" is free", ""))
		case s.Running != nil && samePort(one.address, one.running):
			found = append(found, words.Fine.Finding(check, fmt.Sprintf("%s is in use, probably by the simulator that answers at %s", one.address, s.Running.URL), ""))
		case s.Running != nil:
			found = append(found, words.Warning.Finding(check, fmt.Sprintf("%s is in use, and not by the simulator that answers at %s: that one has %s", one.address, s.Running.URL, one.running),
				"give doctor the flags of serve; to start another simulator, set --"+one.flag+" to a free port"))
		default:
			found = append(found, words.Problem.Finding(check, fmt.Sprintf("%s can't be used: %v", one.address, err),
				"stop the program that listens there (ss -ltnp shows it), or set --"+one.flag+" to another port"))
		}
	}
	return found
}

// samePort says whether a URL can be that of a listener's address; one that is not known can.
func samePort(address, of string) bool {
	_, port, _ := net.SplitHostPort(address)
	u, err := url.Parse(of)
	return err != nil || u.Port() == "" || u.Port() == port
}

// configurations checks for PSP configurations that are allowed but probably not meant.
func configurations(_ context.Context, s Setup) (found []words.Finding) {
	for _, c := range s.Companies {
		check := "company " + c.Name
		for _, w := range c.Warnings() {
			found = append(found, words.Warning.Finding(check, w, "complete the configuration, or remove it"))
		}
		for _, code := range slices.Sorted(maps.Keys(c.PSPs)) {
			found = append(found, unused(check, c, code)...)
		}
	}
	if len(found) == 0 && len(s.Companies) > 0 {
		found = append(found, words.Fine.Finding("companies", fmt.Sprintf("%d checked, no problem found", len(s.Companies)), ""))
	}
	return found
}

// unused finds keys of a PSP configuration that have no effect.
func unused(check string, c *backoffice.Company, code string) (found []words.Finding) {
	psp := c.PSPs[code]
	say := func(key, why, fix string) {
		found = append(found, words.Warning.Finding(check, fmt.Sprintf("psps.%s.%s has no effect: %s", code, key, why), fix))
	}
	if !slices.ContainsFunc(c.Rules, func(r adminapi.Rule) bool { return r.PSP == code && r.Active }) {
		found = append(found, words.Warning.Finding(check, "psps."+code+" has no active rule: its calls are refused with Rules action is not matched", "add a rule for "+code))
	}
	if psp.Text("webhookSecret") != "" && !psp.Flag("isWebhookSecured", false) {
		say("webhookSecret", "isWebhookSecured is not true", "set isWebhookSecured: true")
	}
	if !hasWebhooks(code) {
		for _, key := range []string{"webhookUrl", "webhookSecret", "retrySchedule"} {
			if psp.Text(key) != "" || psp.Texts(key) != nil {
				say(key, code+" has no webhooks", "leave it out")
			}
		}
	}
	if psp.Text("macSecret") != "" && psp.Text("siteUrl") == "" {
		say("macSecret", "without siteUrl there is no return URL to sign", "set siteUrl")
	}
	return found
}

// hasWebhooks says whether a provider sends webhooks.
func hasWebhooks(code string) bool {
	contract, err := openapi.Cashier()
	return err != nil || slices.ContainsFunc(contract.Operations(), func(op *openapi.Operation) bool { return op.PSP == code && op.Webhook != "" })
}

package target

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"mozartosim/features/production"
	"mozartosim/features/steps"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
)

// Profile is what the runner must know of a target that it can't set up itself.
type Profile struct {
	BaseURL        string
	CompanyToken   string // or APIKey and SecretKey, of which a token is made
	APIKey         string
	SecretKey      string
	Users          []map[string]any // the first is the shopper
	PSPs           []string         // those that are configured; nil = all
	WebhookURL     string           // the receiver as the target reaches it; "" = none
	Listen         string           // where the receiver listens
	WebhookCheck   bool             // whether the runner checks that it reaches the receiver there itself
	WebhookSecret  string           // of secured webhooks, so that it can be masked
	Shopper        string           // "none", "person" when a person sits there and pays, "simulated" when the target pays by itself
	CallsPerSecond float64          // 0 = as many as the target answers
	Patience       time.Duration    `json:"-"` // how long a webhook is waited for
	Quiet          time.Duration    `json:"-"` // how long no webhook must arrive to count as none
}

// DefaultProfile is the file that is read when none is named and it exists.
const DefaultProfile = "contract.yaml"

// EnvPrefix begins the variables that set a profile's fields: MOZARTOSIM_CONTRACT_COMPANY_TOKEN and so on.
const EnvPrefix = "MOZARTOSIM_CONTRACT_"

// ReadProfile reads a profile file, the environment, which wins over it, and given, the texts of flags by the names of fields, which
// win over both; "" is not given. file "" is contract.yaml where it exists. Errors name file, line and column, the variable, or the
// flag.
func ReadProfile(file string, lookup func(string) (string, bool), given map[string]string) (Profile, error) {
	form, err := newProfileForm()
	if err != nil {
		return Profile{}, err
	}
	fields := map[string]any{}
	content, err := os.ReadFile(cmp.Or(file, DefaultProfile))
	switch {
	case err == nil:
		fields, err = form.read(cmp.Or(file, DefaultProfile), content, lookup)
		if err != nil {
			return Profile{}, err
		}
	case file != "" || !errors.Is(err, fs.ErrNotExist):
		return Profile{}, fmt.Errorf("profile: %w", err)
	}
	for _, source := range []struct {
		name   func(field string) string
		lookup func(name string) (string, bool)
	}{
		{variableOf, lookup},
		{flagOf, func(flag string) (string, bool) { text, ok := given[flag]; return text, ok }},
	} {
		written, err := form.readTexts(source.name, source.lookup)
		if err != nil {
			return Profile{}, err
		}
		maps.Copy(fields, written)
	}
	return decodeProfile(fields)
}

// decodeProfile makes a profile of fields that are valid.
func decodeProfile(fields map[string]any) (Profile, error) {
	p := Profile{BaseURL: "https://" + production.Sandbox, Shopper: "none", WebhookCheck: true}
	p.CallsPerSecond, p.Patience, p.Quiet = defaultCallsPerSecond, defaultPatience, defaultQuiet
	if u, err := url.Parse(fmt.Sprint(fields["baseUrl"])); err == nil && egress.Loopback(production.Host(u)) { // nobody else is disturbed
		p.CallsPerSecond, p.Patience, p.Quiet = 0, localPatience, localQuiet
	}
	if err := (openapi.Document{Fields: fields}).Into(&p); err != nil {
		return p, fmt.Errorf("profile: %w", err)
	}
	for name, span := range map[string]*time.Duration{"patience": &p.Patience, "quiet": &p.Quiet} {
		if written, ok := fields[name].(string); ok {
			*span, _ = time.ParseDuration(written) // it is valid
		}
	}
	p.tidy()
	return p, nil
}

// profileForm knows the fields of a profile.
type profileForm struct {
	contract *openapi.Contract // with the schema Profile
	psps     []string
}

func newProfileForm() (*profileForm, error) {
	cashier, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	contract, err := openapi.FileForm("contract")
	return &profileForm{contract, cashier.PSPs()}, err
}

// problems lists what is wrong with fields.
func (f *profileForm) problems(fields map[string]any) openapi.Problems {
	problems := f.contract.Problems("Profile", openapi.Document{Fields: fields})
	for _, name := range []string{"patience", "quiet"} {
		written, _ := fields[name].(string)
		if d, err := time.ParseDuration(written); fields[name] != nil && (err != nil || d <= 0) {
			problems.Add(name, "must be a duration such as 30s or 10m")
		}
	}
	psps, isList := fields["psps"].([]any)
	if fields["psps"] != nil && !isList {
		problems.Add("psps", "must be a list of providers, of %s", strings.Join(f.psps, ", "))
	}
	for i, psp := range psps {
		if !slices.Contains(f.psps, fmt.Sprint(psp)) {
			meant := openapi.DidYouMean(fmt.Sprint(psp), f.psps)
			problems.Add(fmt.Sprintf("psps.%d", i), "must be one of: %s%s", strings.Join(f.psps, ", "), meant)
		}
	}
	return problems
}

// Unset looks a variable up for a check of a profile's form: one that is not set, as where a file is written and not used, counts as set.
func Unset(name string) (string, bool) {
	value, ok := os.LookupEnv(name)
	if !ok && !strings.HasPrefix(name, EnvPrefix) {
		return "value-of-" + name, true
	}
	return value, ok
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// read reads a file's fields. ${NAME} in a text stands for a variable, so that a profile can be shared without its secrets.
func (f *profileForm) read(file string, content []byte, lookup func(string) (string, bool)) (map[string]any, error) {
	y, err := openapi.DecodeYAML(file, content)
	if err != nil {
		return nil, err
	}
	var problems openapi.Problems
	for name, value := range y.Fields {
		if text, ok := value.(string); ok {
			y.Fields[name] = variable.ReplaceAllStringFunc(text, func(found string) string {
				variable := found[2 : len(found)-1]
				value, ok := lookup(variable)
				if !ok {
					problems.Add(name, "must not name the variable %s, which is not set", variable)
				}
				return value
			})
		}
	}
	if problems == nil {
		problems = f.problems(y.Fields)
	}
	return y.Fields, y.Located(problems)
}

var hump = regexp.MustCompile(`([a-z])([A-Z])`)

// variableOf is the variable that sets a field.
func variableOf(field string) string {
	return EnvPrefix + strings.ToUpper(hump.ReplaceAllString(field, "${1}_$2"))
}

// flagOf is the flag that sets a field.
func flagOf(field string) string {
	return "--" + strings.ToLower(hump.ReplaceAllString(field, "${1}-$2"))
}

// readTexts reads the fields that variables or flags set, each by the name that it has there.
func (f *profileForm) readTexts(nameOf func(field string) string, lookup func(string) (string, bool)) (map[string]any, error) {
	fields, names := map[string]any{}, map[string]string{}
	for _, field := range f.contract.FieldsOf("Profile") {
		text, ok := lookup(nameOf(field.Path))
		if !ok || text == "" || field.Path == "users" {
			continue
		}
		names[field.Path], fields[field.Path] = nameOf(field.Path), text
		var typed any
		switch err := json.Unmarshal([]byte(text), &typed); {
		case field.Path == "psps":
			var list []any
			for entry := range strings.SplitSeq(text, ",") {
				list = append(list, strings.TrimSpace(entry))
			}
			fields[field.Path] = list
		case field.Type != "string" && err == nil:
			fields[field.Path] = typed
		}
	}
	var problems []error
	for _, problem := range f.problems(fields) {
		name, _, _ := strings.Cut(problem.Path, ".")
		problems = append(problems, errors.New(names[name]+" "+problem.Reason))
	}
	return fields, errors.Join(problems...)
}

// tidy writes what is copied from somewhere else in one form.
func (p *Profile) tidy() {
	p.BaseURL = strings.TrimRight(p.BaseURL, "/")
	p.CompanyToken = strings.TrimPrefix(p.CompanyToken, "Bearer ") // as it is copied out of a header
}

// check checks the profile as a whole: addresses, credentials, and that it is not production. host is that of the Cashier API.
func (p *Profile) check(known bool) (host string, err error) {
	p.tidy()
	u, err := webURL("baseUrl", p.BaseURL)
	if err != nil {
		return "", err
	}
	if err := production.Check(u, known); err != nil {
		return "", err
	}
	if p.WebhookURL != "" {
		if _, err := webURL("webhookUrl", p.WebhookURL); err != nil {
			return "", err
		}
	}
	if p.CompanyToken == "" && (p.APIKey == "" || p.SecretKey == "") {
		return "", fmt.Errorf("there are no credentials for %s: set companyToken, or apiKey and secretKey, in %s, or %sCOMPANY_TOKEN in the environment", p.BaseURL, DefaultProfile, EnvPrefix)
	}
	return production.Host(u), nil
}

// company is the one that all scenarios call for.
func (p *Profile) company() *steps.Company {
	c := &steps.Company{Name: "of the profile", APIKey: p.APIKey, SecretKey: p.SecretKey, Token: p.CompanyToken, User: steps.Jane(), Shared: true}
	if len(p.Users) > 0 {
		c.User = p.Users[0]
	}
	if c.Token == "" {
		c.Token = steps.CompanyToken(p.APIKey, p.SecretKey, clock.Wall().Add(-time.Minute), time.Time{})
	}
	return c
}

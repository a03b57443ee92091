package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/features/production"
	"mozartosim/features/steps"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
)

// Profile is what the runner must be told of a target that it can't set up itself.
type Profile struct {
	BaseURL        string
	CompanyToken   string // or APIKey and SecretKey, of which a token is made
	APIKey         string
	SecretKey      string
	Users          []map[string]any // the first is the shopper
	PSPs           []string         // those that are configured; nil = all
	WebhookURL     string           // the receiver as the target reaches it; "" = none
	Listen         string           // where the receiver listens
	Unchecked      bool             // whether to trust that the target reaches the receiver, where the runner itself can't
	WebhookSecret  string           // of secured webhooks, so that it can be masked
	Shopper        string           // "none", or "person" when somebody sits there and pays
	CallsPerSecond float64
	Patience       time.Duration // how long a webhook is waited for
	Quiet          time.Duration // how long nothing must come to be nothing

}

// DefaultProfile is the file that is read when none is named and it is there.
const DefaultProfile = "contract.yaml"

// fields are the names of a profile's fields, each with its variable in the environment (which wins) and how it is read.
func (p *Profile) fields() []profileField {
	return []profileField{
		{"baseUrl", "BASE_URL", text(&p.BaseURL)},
		{"companyToken", "COMPANY_TOKEN", text(&p.CompanyToken)},
		{"apiKey", "API_KEY", text(&p.APIKey)},
		{"secretKey", "SECRET_KEY", text(&p.SecretKey)},
		{"webhookUrl", "WEBHOOK_URL", text(&p.WebhookURL)},
		{"listen", "LISTEN", text(&p.Listen)},
		{"webhookCheck", "WEBHOOK_CHECK", p.readCheck},
		{"webhookSecret", "WEBHOOK_SECRET", text(&p.WebhookSecret)},
		{"shopper", "SHOPPER", p.readShopper},
		{"callsPerSecond", "CALLS_PER_SECOND", p.readPace},
		{"patience", "PATIENCE", duration(&p.Patience)},
		{"quiet", "QUIET", duration(&p.Quiet)},
		{"psps", "PSPS", p.readPSPs},
		{"users", "", p.readUsers},
	}
}

// profileField is one field of a profile. read says what the value must be instead when it is wrong.
type profileField struct {
	name, variable string
	read           func(value any) (must string)
}

// EnvPrefix begins the variables that set a profile's fields: MOZARTOSIM_CONTRACT_COMPANY_TOKEN and so on.
const EnvPrefix = "MOZARTOSIM_CONTRACT_"

// ReadProfile reads a profile file and the environment, which wins. file "" is contract.yaml where there is one. Errors name
// file, line and column, or the variable.
func ReadProfile(file string, lookup func(string) (string, bool)) (Profile, error) {
	p := Profile{
		BaseURL: "https://" + production.Sandbox, Shopper: "none", CallsPerSecond: defaultCallsPerSecond,
		Patience: defaultPatience, Quiet: defaultQuiet,
	}
	named := file != ""
	if !named {
		file = DefaultProfile
	}
	content, err := os.ReadFile(file)
	switch {
	case err == nil:
		if err := p.readFile(file, content, lookup); err != nil {
			return p, err
		}
	case named || !errors.Is(err, fs.ErrNotExist):
		return p, fmt.Errorf("profile: %w", err)
	}
	return p, p.readEnvironment(lookup)
}

func (p *Profile) readFile(file string, content []byte, lookup func(string) (string, bool)) error {
	y, err := openapi.DecodeYAML(file, content)
	if err != nil {
		return err
	}
	var problems []error
	fields := p.fields()
	for _, name := range slices.Sorted(maps.Keys(y.Fields)) {
		i := slices.IndexFunc(fields, func(f profileField) bool { return f.name == name })
		if i < 0 {
			problems = append(problems, y.At(name, fmt.Sprintf("%s must not be set: known are %s", name, names(fields))))
			continue
		}
		value, lacks := expand(y.Fields[name], lookup)
		if lacks != "" {
			problems = append(problems, y.At(name, fmt.Sprintf("%s names the variable %s, which is not set", name, lacks)))
			continue
		}
		if must := fields[i].read(value); must != "" {
			problems = append(problems, y.At(name, name+" must "+must))
		}
	}
	return errors.Join(problems...)
}

func names(fields []profileField) string {
	var all []string
	for _, f := range fields {
		all = append(all, f.name)
	}
	return strings.Join(all, ", ")
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand replaces ${NAME} by the environment's value, so that a profile can be shared without its secrets.
func expand(value any, lookup func(string) (string, bool)) (expanded any, lacks string) {
	text, ok := value.(string)
	if !ok {
		return value, ""
	}
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		name := variable.FindStringSubmatch(found)[1]
		known, ok := lookup(name)
		if !ok {
			lacks = name
		}
		return known
	}), lacks
}

func (p *Profile) readEnvironment(lookup func(string) (string, bool)) error {
	var problems []error
	for _, f := range p.fields() {
		value, ok := lookup(EnvPrefix + f.variable)
		if f.variable == "" || !ok || value == "" {
			continue
		}
		var read any = value
		switch f.name {
		case "callsPerSecond":
			read = json.Number(value)
		case "psps":
			var list []any
			for _, psp := range strings.Split(value, ",") {
				list = append(list, strings.TrimSpace(psp))
			}
			read = list
		}
		if must := f.read(read); must != "" {
			problems = append(problems, fmt.Errorf("%s must %s", EnvPrefix+f.variable, must))
		}
	}
	return errors.Join(problems...)
}

func text(target *string) func(any) string {
	return func(value any) string {
		text, ok := value.(string)
		if !ok || text == "" {
			return "be a text that is not empty"
		}
		*target = text
		return ""
	}
}

func duration(target *time.Duration) func(any) string {
	return func(value any) string {
		text, _ := value.(string)
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return "be a duration such as 30s or 10m"
		}
		*target = d
		return ""
	}
}

func (p *Profile) readShopper(value any) string {
	if value != "none" && value != "person" {
		return "be none, or person when somebody sits there and pays on the providers' pages"
	}
	p.Shopper = value.(string)
	return ""
}

func (p *Profile) readCheck(value any) string {
	switch value {
	case true, "true":
		p.Unchecked = false
	case false, "false":
		p.Unchecked = true
	default:
		return "be true or false"
	}
	return ""
}

func (p *Profile) readPace(value any) string {
	number, _ := value.(json.Number)
	pace, err := strconv.ParseFloat(string(number), 64)
	if err != nil || pace < 0.01 || pace > 1000 {
		return "be a number from 0.01 to 1000"
	}
	p.CallsPerSecond = pace
	return ""
}

func (p *Profile) readPSPs(value any) string {
	contract, err := openapi.Cashier()
	if err != nil {
		return err.Error()
	}
	must := "be a list of providers, of " + strings.Join(contract.PSPs(), ", ")
	list, ok := value.([]any)
	if !ok {
		return must
	}
	p.PSPs = []string{}
	for _, entry := range list {
		psp, ok := entry.(string)
		if !ok || !slices.Contains(contract.PSPs(), psp) {
			return must
		}
		p.PSPs = append(p.PSPs, psp)
	}
	return ""
}

func (p *Profile) readUsers(value any) string {
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return "be a list of users, each with userId, email, firstName, lastName, phone and countryCode"
	}
	p.Users = nil
	for i, entry := range list {
		user, ok := entry.(map[string]any)
		if !ok {
			return "be a list of users"
		}
		for _, name := range []string{"userId", "email", "firstName", "lastName", "phone", "countryCode"} {
			if claim, ok := user[name].(string); !ok || claim == "" {
				return fmt.Sprintf("have the text %s in its user %d", name, i+1)
			}
		}
		p.Users = append(p.Users, user)
	}
	return ""
}

// check holds the profile as a whole: addresses, credentials, and that it is not production.
func (p *Profile) check(known bool) error {
	p.BaseURL = strings.TrimRight(p.BaseURL, "/")
	p.CompanyToken = strings.TrimPrefix(p.CompanyToken, "Bearer ") // as it is copied out of a header
	u, err := webURL("baseUrl", p.BaseURL)
	if err != nil {
		return err
	}
	if err := production.Check(u, known); err != nil {
		return err
	}
	if p.WebhookURL != "" {
		if _, err := webURL("webhookUrl", p.WebhookURL); err != nil {
			return err
		}
	}
	if p.CompanyToken == "" && (p.APIKey == "" || p.SecretKey == "") {
		return fmt.Errorf("there are no credentials for %s: set companyToken, or apiKey and secretKey, in %s, or %sCOMPANY_TOKEN in the environment", p.BaseURL, DefaultProfile, EnvPrefix)
	}
	return nil
}

func (p *Profile) host() string {
	u, err := url.Parse(p.BaseURL)
	if err != nil {
		return ""
	}
	return hostOf(u)
}

func (p *Profile) secrets() []string {
	return []string{p.CompanyToken, p.APIKey, p.SecretKey, p.WebhookSecret}
}

func (p *Profile) noShopper() string {
	if p.Shopper == "person" {
		return ""
	}
	return "needs somebody who pays on the provider's page: set shopper: person in the profile, and pay where the run says"
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

package setup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/production"
	"mozartosim/openapi"
)

// Question is one thing that the files depend on.
type Question struct {
	Name    string // of the flag, and of the answer
	Asks    string
	Default string

	check func(answer string) error // says what the answer must be
}

// Kind is a set of files that are made together.
type Kind struct {
	Name      string // contract, certify, or "" for all
	File      string // the name of its only file; "" when there are several
	Next      string // the command that is next
	questions []string
	files     []string // names of templates
}

// Contract makes the profile of a target.
func Contract() Kind {
	return Kind{"contract", "contract.yaml", "mozartosim contract run --target sandbox --profile contract.yaml --preflight",
		[]string{"base-url", "credentials", "psps", "webhook-url", "shopper"}, []string{"contract.yaml"}}
}

// Certify makes the configuration of a certification.
func Certify() Kind {
	return Kind{"certify", "certify.yaml", "mozartosim certify --config certify.yaml",
		[]string{"shop", "handler", "psps"}, []string{"certify.yaml"}}
}

// All makes everything that a team starts with.
func All() Kind {
	return Kind{"", "", "mozartosim serve --config mozartosim.yaml",
		[]string{"company", "psps", "shop", "handler", "base-url", "credentials", "webhook-url", "shopper", "ci"},
		[]string{"mozartosim.yaml", "certify.yaml", "contract.yaml", "compose.mozartosim.yaml", "github.yaml", "gitlab.yaml"}}
}

// Questions are those of a kind, in the order in which they are asked.
func (k Kind) Questions() (all []Question) {
	known := questions()
	for _, name := range k.questions {
		all = append(all, known[slices.IndexFunc(known, func(q Question) bool { return q.Name == name })])
	}
	return all
}

func questions() []Question {
	return []Question{
		{"company", "the company's name in the simulator", "our-shop", matches(`^[a-z0-9][a-z0-9-]{0,40}$`, "small letters, digits and hyphens, such as our-shop")},
		{"psps", "the providers that you use, with commas between", "PAYONE,TRUST", providers},
		{"shop", "the URL of your shop", "http://localhost:3000", webURL},
		{"handler", "the URL of your webhook handler", "http://localhost:3000/webhooks/mozarto", webURL},
		{"base-url", "the URL of the target", "https://" + production.Sandbox, noProduction},
		{"credentials", "what you have for it: token (a company token) or keys (apiKey and secretKey)", "token", oneOf("token", "keys")},
		{"webhook-url", "the public URL by which it reaches port 9090 of this machine, for webhooks (empty: none)", "", optional(webURL)},
		{"shopper", "who pays on the providers' pages there: none, person (you) or simulated (the target itself)", "none", oneOf("none", "person", "simulated")},
		{"ci", "a CI job for: none, github or gitlab", "none", oneOf("none", "github", "gitlab")},
	}
}

// Ask asks what has no answer yet, one line each; an empty line takes what is proposed. For an answer that is not right it says what it
// must be, and asked for again.
func Ask(in io.Reader, out io.Writer, all []Question, answers map[string]string) error {
	lines := bufio.NewReader(in)
	for _, q := range all {
		for _, known := answers[q.Name]; !known; _, known = answers[q.Name] {
			fmt.Fprintf(out, "%s [%s]: ", q.Asks, q.Default)
			line, err := lines.ReadString('\n')
			if err != nil {
				return errors.New("the questions were not answered to the end: nothing is written; flags answer them too")
			}
			answer := strings.TrimSpace(line)
			if answer == "" {
				answer = q.Default
			}
			if err := q.check(answer); err != nil {
				fmt.Fprintf(out, "  it %v\n", err)
				continue
			}
			answers[q.Name] = answer
		}
	}
	return nil
}

// check completes answers by what is proposed, and returns all that is wrong with them.
func check(all []Question, answers map[string]string) error {
	var problems []error
	for _, q := range all {
		if _, given := answers[q.Name]; !given {
			answers[q.Name] = q.Default
		}
		if err := q.check(answers[q.Name]); err != nil {
			shown := answers[q.Name]
			if u, bad := url.Parse(shown); bad == nil && u.User != nil {
				shown = u.Redacted()
			}
			problems = append(problems, fmt.Errorf("--%s %q %w", q.Name, shown, err))
		}
	}
	return errors.Join(problems...)
}

func matches(pattern, words string) func(string) error {
	form := regexp.MustCompile(pattern)
	return func(answer string) error {
		if !form.MatchString(answer) {
			return errors.New("must be " + words)
		}
		return nil
	}
}

func oneOf(words ...string) func(string) error {
	return func(answer string) error {
		if !slices.Contains(words, answer) {
			return fmt.Errorf("must be one of: %s%s", strings.Join(words, ", "), openapi.DidYouMean(answer, words))
		}
		return nil
	}
}

func optional(check func(string) error) func(string) error {
	return func(answer string) error {
		if answer == "" {
			return nil
		}
		return check(answer)
	}
}

func webURL(answer string) error {
	u, err := url.Parse(answer)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("must be an http or https URL without a password, such as https://shop.example")
	}
	return nil
}

func noProduction(answer string) error {
	if err := webURL(answer); err != nil {
		return err
	}
	u, _ := url.Parse(answer) // it has just been read
	if err := production.Check(u, false); err != nil {
		return fmt.Errorf("must not be production: %w", err)
	}
	return nil
}

func providers(answer string) error {
	contract, err := openapi.Cashier()
	if err != nil {
		return err
	}
	for _, psp := range list(answer) {
		if !slices.Contains(contract.PSPs(), psp) {
			return fmt.Errorf("must be a list of: %s%s", strings.Join(contract.PSPs(), ", "), openapi.DidYouMean(psp, contract.PSPs()))
		}
	}
	return nil
}

// list are the words of an answer, in capitals and each once.
func list(answer string) (all []string) {
	for word := range strings.SplitSeq(answer, ",") {
		if word = strings.ToUpper(strings.TrimSpace(word)); !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

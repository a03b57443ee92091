package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/random"
)

// misbehaviour is what a scenario's webhooks.body or webhooks.auth names. To add one, add it to bodies or auths and its name to
// openapi/scenario.yaml; a test compares the two, and each body has a golden in testdata.
type misbehaviour[F any] struct {
	kind   string
	change F
}

type (
	bodyChange   func(body []byte, r *random.Stream, other string) ([]byte, error)
	memberChange func(members []member, r *random.Stream, other string) ([]member, error)
	authChange   func(scheme, secret, old string, r *random.Stream) string
)

func bodies() []misbehaviour[bodyChange] {
	return []misbehaviour[bodyChange]{
		{"malformed", truncate},
		{"empty", func([]byte, *random.Stream, string) ([]byte, error) { return []byte{}, nil }},
		{"extra-fields", onMembers(extraFields)},
		{"missing-fields", onMembers(missingFields)},
		{"huge", onMembers(huge)},
		{"number-amount", onMembers(numberAmount)},
		{"another-payments-id", onMembers(anotherID)},
	}
}

func auths() []misbehaviour[authChange] {
	return []misbehaviour[authChange]{
		{"wrong", func(scheme, _, _ string, r *random.Stream) string { return scheme + "wrong-" + r.Hex(16) }},
		{"missing", func(string, string, string, *random.Stream) string { return "" }},
		{"other-company", otherSecret},
		{"old", func(_, _, old string, _ *random.Stream) string { return old }},
	}
}

func kinds[F any](list []misbehaviour[F]) []string {
	names := make([]string, len(list))
	for i, m := range list {
		names[i] = m.kind
	}
	return names
}

// BodyKinds lists what MutateBody can do to a body.
func BodyKinds() []string { return kinds(bodies()) }

// AuthKinds lists what MutateAuth can do to an Authorization header.
func AuthKinds() []string { return kinds(auths()) }

// MutateBody returns the body, a webhook's JSON object, broken in the way of kind; its other fields stay as and where they
// are. What is left to chance is drawn from r. other is the transaction_id for another-payments-id; when it is "", one is
// drawn.
func MutateBody(kind string, body []byte, r *random.Stream, other string) ([]byte, error) {
	i := slices.Index(BodyKinds(), kind)
	if i < 0 {
		return nil, fmt.Errorf("webhook body %q must be one of: %s", kind, strings.Join(BodyKinds(), ", "))
	}
	changed, err := bodies()[i].change(body, r, other)
	if err != nil {
		return nil, fmt.Errorf("webhook body %s: %w", kind, err)
	}
	return changed, nil
}

// MutateAuth returns the Authorization header of a kind in place of the right one: wrong has a secret that is plainly wrong,
// other-company one that looks like the right one, old is old, the header before the secret was changed, missing is "". Any other
// kind changes nothing. Webhooks that are not secured (right is "") get a header too, with the scheme Bearer.
func MutateAuth(kind, right, old string, r *random.Stream) string {
	i := slices.Index(AuthKinds(), kind)
	if i < 0 {
		return right
	}
	scheme, secret, found := strings.Cut(right, " ")
	switch {
	case right == "":
		scheme = "Bearer "
	case found:
		scheme += " "
	default:
		scheme, secret = "", right
	}
	return auths()[i].change(scheme, secret, old, r)
}

func otherSecret(scheme, secret, _ string, r *random.Stream) string {
	other := r.Text(max(len(secret), 16), "abcdefghijklmnopqrstuvwxyz0123456789")
	if other == secret {
		other += "0"
	}
	return scheme + other
}

// truncate cuts the object off somewhere in its second half.
func truncate(body []byte, r *random.Stream, _ string) ([]byte, error) {
	if _, err := readMembers(body); err != nil {
		return nil, err
	}
	body = bytes.TrimRight(body, " \t\r\n")
	half := max(len(body)/2, 1)
	return bytes.Clone(body[:half+r.IntN(len(body)-half)]), nil
}

// onMembers changes the members of the body.
func onMembers(change memberChange) bodyChange {
	return func(body []byte, r *random.Stream, other string) ([]byte, error) {
		members, err := readMembers(body)
		if err == nil {
			members, err = change(members, r, other)
		}
		if err != nil {
			return nil, err
		}
		return writeMembers(members), nil
	}
}

// member is a member of an object, its value as it is written.
type member struct {
	name  string
	value jsontext.Value
}

func text(name, value string) member {
	quoted, _ := jsontext.AppendQuote(nil, value)
	return member{name, quoted}
}

func readMembers(body []byte) ([]member, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	if start, err := dec.ReadToken(); err != nil || start.Kind() != '{' {
		return nil, errors.New("it must be a JSON object")
	}
	var members []member
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String()} // the token doesn't outlive the next read
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.value = value.Clone()
		members = append(members, m)
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it must be one JSON object")
	}
	return members, nil
}

func writeMembers(members []member) []byte {
	out := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, m.name)
		out = append(out, ':')
		out = append(out, m.value...)
	}
	return append(out, '}')
}

// extraFields adds fields of every type at drawn places.
func extraFields(members []member, r *random.Stream, _ string) ([]member, error) {
	for _, added := range []member{
		text("sim_extra_text", r.Hex(12)),
		{"sim_extra_number", jsontext.Value(r.Digits(6) + ".5")},
		{"sim_extra_null", jsontext.Value("null")},
		{"sim_extra_object", jsontext.Value(`{"nested":[1,null,true,{"deep":"é"}]}`)},
	} {
		members = slices.Insert(members, r.IntN(len(members)+1), added)
	}
	return members, nil
}

func missingFields(members []member, _ *random.Stream, _ string) ([]member, error) {
	left := slices.DeleteFunc(slices.Clone(members), func(m member) bool {
		return m.name == "transaction_status" || m.name == "amount"
	})
	if len(left) == len(members) {
		return nil, errors.New("it has no transaction_status or amount")
	}
	return left, nil
}

// huge adds more than common limits for a body.
func huge(members []member, _ *random.Stream, _ string) ([]member, error) {
	return append(members, text("padding", strings.Repeat("x", 2<<20))), nil
}

// numberAmount writes the amount, which is a string, as a number.
func numberAmount(members []member, _ *random.Stream, _ string) ([]member, error) {
	amount, err := find(members, "amount")
	if err != nil || amount.value.Kind() == '0' {
		return members, err
	}
	unquoted, err := jsontext.AppendUnquote(nil, amount.value)
	number := jsontext.Value(unquoted)
	if err != nil || number.Kind() != '0' || !number.IsValid() {
		return nil, fmt.Errorf("its amount %s is no number", amount.value)
	}
	amount.value = number
	return members, nil
}

func anotherID(members []member, r *random.Stream, other string) ([]member, error) {
	id, err := find(members, "transaction_id")
	if err != nil {
		return nil, err
	}
	if other == "" {
		other = r.Hex(24)
	}
	*id = text(id.name, other)
	return members, nil
}

// find returns the last member of that name: the one that most readers take.
func find(members []member, name string) (*member, error) {
	for i := len(members) - 1; i >= 0; i-- {
		if members[i].name == name {
			return &members[i], nil
		}
	}
	return nil, fmt.Errorf("it has no %s", name)
}

package adminapi

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
)

// What lists are asked for. A field is the parameter of its tag query, the same to those who ask and those who answer; what is not set
// matches all. Agents are told of it by its tags json and jsonschema, or not at all.

// Page picks a page of a list: its size, 0 for the usual 50, and the cursor that the page before gave as Next.
type Page struct {
	Limit  int    `query:"limit" json:"limit,omitempty" jsonschema:"how many at most, 50 unless set"`
	Cursor string `query:"cursor" json:"cursor,omitempty" jsonschema:"next of the page before"`
}

// PaymentQuery picks payments.
type PaymentQuery struct {
	Page
	PSP               string `query:"psp" json:"psp,omitempty" jsonschema:"only this provider's, such as PAYONE"`
	Type              string `query:"type" json:"type,omitempty" jsonschema:"only pay-ins or pay-outs"`
	Status            string `query:"status" json:"status,omitempty" jsonschema:"only with this status"`
	UserID            string `query:"userId" json:"-"`
	Webhooks          string `query:"webhooks" json:"webhooks,omitempty" jsonschema:"only where the webhooks are on the way (open), given up (exhausted) or delivered (done)"`
	MerchantReference string `query:"merchantReference" json:"merchantReference,omitempty" jsonschema:"only with this merchant reference"`
	Search            string `query:"q" json:"search,omitempty" jsonschema:"a transaction id, session, merchant reference or user"` // as a whole
}

// DeliveryQuery picks deliveries.
type DeliveryQuery struct {
	Page
	Payment string `query:"payment" json:"payment,omitempty" jsonschema:"only this payment's"`
	State   string `query:"state" json:"state,omitempty" jsonschema:"only in this state"`
}

// RequestQuery picks calls of the public listener.
type RequestQuery struct {
	Page
	Unknown bool   `query:"unknown" json:"unknown,omitempty" jsonschema:"the calls that reached no company, because of their token or path"` // in the place of the company's
	Kind    string `query:"kind" json:"-"`                                                                                                   // call: those of the API; page: views of hosted pages
	Outcome string `query:"outcome" json:"outcome,omitempty" jsonschema:"only accepted or refused calls"`
	Stage   string `query:"stage" json:"stage,omitempty" jsonschema:"only those that this stage refused"`
	Rule    string `query:"rule" json:"rule,omitempty" jsonschema:"only those that broke this rule, by its id in the ledger"`
	Payment string `query:"payment" json:"payment,omitempty" jsonschema:"only those of this payment"`
	Status  int    `query:"status" json:"-"`
	Search  string `query:"q" json:"search,omitempty" jsonschema:"a text in their id, path, reason, rule, payment or scenario"` // whatever the case
}

// LedgerQuery picks rules of the Cashier API's contract.
type LedgerQuery struct {
	Basis  string `query:"basis" json:"basis,omitempty" jsonschema:"only rules that are known so"`
	PSP    string `query:"psp" json:"psp,omitempty" jsonschema:"only this provider's"`
	Search string `query:"q" json:"search,omitempty" jsonschema:"a text in their id or words"`
}

// ExampleQuery names a flow, and the seed of its generated example.
type ExampleQuery struct {
	PSP     string `query:"psp"`
	Type    string `query:"type"`
	Variant string `query:"variant"`
	Seed    int    `query:"seed"`
}

// parameters writes a query as its parameters; those that are not set are left out.
func parameters(query any) url.Values {
	q := url.Values{}
	eachParameter(reflect.ValueOf(query), func(name string, field reflect.Value) {
		if !field.IsZero() {
			q.Set(name, fmt.Sprint(field.Interface()))
		}
	})
	return q
}

// QueryOf reads a query out of its parameters, whose values are valid; parameter returns "" for one that is not set.
func QueryOf[T any](parameter func(name string) string) (query T) {
	eachParameter(reflect.ValueOf(&query).Elem(), func(name string, field reflect.Value) {
		switch text := parameter(name); field.Kind() {
		case reflect.Bool:
			field.SetBool(text == "true")
		case reflect.Int:
			n, _ := strconv.Atoi(text)
			field.SetInt(int64(n))
		default:
			field.SetString(text)
		}
	})
	return query
}

// eachParameter visits the fields of a query, those of its page too.
func eachParameter(query reflect.Value, visit func(name string, field reflect.Value)) {
	for field, value := range query.Fields() {
		if field.Anonymous {
			eachParameter(value, visit)
			continue
		}
		visit(field.Tag.Get("query"), value)
	}
}

package provider

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// gigadat is Gigadat: Interac bank transfer in Canada. A pay-out, by e-transfer (ETO) or to a bank account (ACH), waits for
// an admin's approval.
func gigadat() Provider {
	return Provider{
		Code: "GIGADAT", Name: "Gigadat", Slug: "gigadat", Redirect: "webflowURL", Page: BankPage, Currency: "CAD",
		PayIn: Flow{
			Rules:  []Rule{{"gigadat-two-decimals", gigadatTwoDecimals}, {"gigadat-phone", gigadatPhone}},
			Answer: gigadatPayIn,
		},
		PayOut: Flow{
			Rules:  []Rule{{"gigadat-two-decimals", gigadatTwoDecimals}},
			Answer: gigadatPayOut,
		},
		Words: Words{
			Pending: "STATUS_PENDING", Approved: "STATUS_SUCCESS",
			Declined: "STATUS_FAILED", Cancelled: "STATUS_ABORTED1", Expired: "STATUS_EXPIRED",
			Rejected: "STATUS_REJECTED", Initiated: gigadatInitiated,
		},
		Webhook: true, SessionLifetime: 30 * time.Minute,
		Sequence: gigadatSequence,
		Reasons: []Reason{
			{"STATUS_FAILED", "transfer failed"}, {"STATUS_REJECTED", "transfer rejected"},
			{"STATUS_REJECTED1", "rejected by the bank"},
		},
	}
}

const gigadatInitiated = "STATUS_INITED"

// gigadatSequence: the reasons for declining are raw words of their own (provider).
func gigadatSequence(o Outcome) []Notification {
	if o.Action != scenario.ActionDecline || !strings.HasPrefix(o.Reason, "STATUS_") {
		return nil
	}
	return []Notification{{Status: payment.Declined, Raw: o.Reason, Message: declinedMessage(o)}}
}

var twoDecimals = regexp.MustCompile(`^\d+\.\d\d$`)

// gigadatTwoDecimals checks the number's text, not its value: 100.00 is valid, 100 and 100.5 are not (documented). A
// configuration can switch the rule off with `twoDecimals: false`, because many JSON writers can't comply (assumed).
func gigadatTwoDecimals(c *Call) error {
	if c.PSP.Flag("twoDecimals", true) && !twoDecimals.MatchString(c.Request.Text("baseamount")) {
		return broken("baseamount", "must be written with exactly two decimals, such as 100.00")
	}
	return nil
}

var northAmerican = regexp.MustCompile(`^1?\d{10}$`)

// gigadatPhone requires 10 digits, or 11 that begin with 1; the phone of an x-user-token is used before the body's (documented).
func gigadatPhone(c *Call) error {
	phone, field := c.Request.Text("phone"), "phone"
	if c.User.FromToken && c.User.Phone != "" {
		phone, field = c.User.Phone, "x-user-token.phone"
	}
	if !northAmerican.MatchString(phone) {
		return broken(field, "must be 10 digits, or 11 beginning with 1, of a North American number")
	}
	return nil
}

func gigadatPayIn(c *Call) (Answer, error) {
	token, err := gigadatToken(c)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Message: "Gigadat CPI payment initiated successfully", Raw: gigadatInitiated, Data: Fields{
		{"transactionId", c.Terms.ID},
		{"databaseTransactionId", c.Terms.ID},
		{"method", "GET_REDIRECT"},
		{"webflowURL", gigadatURL(c, c.Page(""), token)},
		{"formSubmissionURL", nil},
		{"instructions", "Use direct redirect to webflowURL"},
		{"paymentToken", token},
		{"transaction_status", payment.Pending.Normalised()},
		{"amount", c.Amount},
		{"merchantReference", c.Terms.MerchantReference},
		{"data", Fields{{"gigadatTransactionId", c.Terms.PSPTransactionID}}},
	}}, nil
}

func gigadatPayOut(c *Call) (Answer, error) {
	token, err := gigadatToken(c)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Message: "Added to approvals table", Status: payment.AwaitingApproval, Raw: gigadatInitiated, Data: Fields{
		{"transactionId", c.Terms.ID},
		{"databaseTransactionId", c.Terms.ID},
		{"payoutType", c.Operation.Variant},
		{"method", "AWAITING_APPROVAL"},
		{"webflowURL", gigadatURL(c, c.Page(""), token)},
		{"finalizationURL", gigadatURL(c, c.Page("")+"/deposit", token)},
		{"instructions", "Transaction created in Gigadat and added to approval queue. Finalization will occur after admin approval."},
		{"paymentToken", token},
		{"amount", c.Amount},
		{"merchantReference", c.Terms.MerchantReference},
	}}, nil
}

// gigadatToken makes the payment token, an HS256 JWT (provider), signed with the configuration's secret.
func gigadatToken(c *Call) (Secret, error) {
	claims := jwt.MapClaims{"transaction": c.Terms.ID, "type": c.Terms.Type, "iat": c.Now.Unix()}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(c.PSP.Text("secret")))
	if err != nil {
		return Secret{}, fmt.Errorf("gigadat: payment token: %w", err)
	}
	return Secret{Clear: token, Masked: mask.Secret(token)}, nil
}

func gigadatURL(c *Call, page string, token Secret) Secret {
	url := page + "?transaction=" + c.Terms.ID + "&token="
	return Secret{Clear: url + token.Clear, Masked: url + token.Masked}
}

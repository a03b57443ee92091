package steps

import "slices"

// all is every step, in the order in which they are taught: pattern, what it does, an example as it stands in features (a table
// or a text on the lines below), what it needs, its function. Tests check that Godog matches each example with its own step
// alone, and that the function takes what the step has.
func all() []Step {
	return slices.Concat(requestSteps(), callSteps(), answerSteps(), pageSteps(), webhookSteps(), timeSteps(), companySteps(), configurationSteps())
}

// requestSteps say what the merchant is about to send.
func requestSteps() []Step {
	return []Step{
		{"a valid {psp} {flow} request", "Takes the smallest valid request of a provider's flow: PAYIN, PAYOUT, PAYOUT ETO or PAYOUT ACH.",
			`Given a valid PAYONE PAYIN request`, 0, validRequest},
		{"a valid {psp} {flow} request with:", "The same, with fields changed: a number where the contract wants one, text otherwise; \"100\" in quotes is text in any case, json: begins any JSON; (absent), (empty), (null); {unique} differs in every scenario; nested names are dotted.",
			"Given a valid CLEO PAYIN request with:\n  | baseamount   | 50   |\n  | address.city | Lima |", 0, requestWith},
		{"a valid {psp} {flow} request with every field", "Takes a valid request that has all optional fields too.",
			`Given a valid WORLDPAY_EU PAYIN request with every field`, 0, fullRequest},
		{"a valid {psp} {flow} request without {string}", "Takes the request with every field, and leaves one out.",
			`Given a valid WORLDPAY_EU PAYIN request without "address.city"`, 0, requestWithout},
		{"the {psp} {flow} request {string}", "Takes an example by its kind: minimal, full, or a special one such as direct, frictionless, challenge, declined.",
			`Given the EMERCHANTPAY PAYIN request "challenge"`, 0, fixtureRequest},
		{"random request {int} of {psp} {flow}", "Takes a generated valid request: the same one in every run, another one for each number.",
			`Given random request 3 of TRUST PAYIN`, 0, randomRequest},
		{"the request has:", "Changes fields of the request, as above.",
			"And the request has:\n  | merchantReference | order-1001 |", 0, changeRequest},
		{"the request's {string} is {string}", "Changes one field of the request, as above.",
			`And the request's "email" is "no-address"`, 0, changeField},
		{"the request has no {string}", "Leaves a field out of the request.",
			`And the request has no "phone"`, 0, dropField},
		{"the amount is {string}", "Changes the amount; its digits are sent as they are written.",
			`And the amount is "100.00"`, 0, changes("baseamount")},
		{"the merchant's reference is {string}", "Changes the reference; {unique} differs in every scenario.",
			`And the merchant's reference is "order-{unique}"`, 0, changes("merchantReference")},
		{"the body:", "Takes any text as the body, JSON or not.",
			"Given the body:\n  \"\"\"\n  {\"pspType\": \"PAYONE\"\n  \"\"\"", 0, rawBody},
		{"an empty body", "Takes nothing as the body.",
			`Given an empty body`, 0, emptyBody},
		{"the request is padded by {int} KiB", "Adds a field that is that long.",
			`And the request is padded by 2048 KiB`, 0, padBody},
	}
}

// callSteps present credentials, and send.
func callSteps() []Step {
	return []Step{
		{"no company token", "The next calls have no Authorization header.", `Given no company token`, 0, noCompanyToken},
		{"a/an {word} company token", "The next calls have a token that is tampered, unsigned, garbled, unknown, schemeless, expired or foreign (signed by somebody else).",
			`Given an expired company token`, 0, companyToken},
		{"no user token", "The next calls have no x-user-token.", `Given no user token`, 0, noUserToken},
		{"a user token that can't be decoded", "The next calls have an x-user-token that is no JWT.",
			`Given a user token that can't be decoded`, 0, undecodableUserToken},
		{"a user token with:", "Changes claims of the shopper's token; (absent) and (empty) as above.",
			"Given a user token with:\n  | phone | 4165550199 |", 0, userTokenWith},
		{"a user token without {string}", "Leaves a claim out of the shopper's token.", `Given a user token without "email"`, 0, userTokenWithout},
		{"the session token {string}", "The next calls have x-user-authorization, and no x-user-token unless a step gives one.",
			`Given the session token "session-of-jane"`, 0, sessionToken},
		{"the header {string} is {string}", "The next calls have this header too.",
			`Given the header "User-Agent" is "shop/1.0"`, 0, presentHeader},
		{"the merchant sends it", "Sends the request; what comes back is the answer, whatever it is.", `When the merchant sends it`, 0, send},
		{"the merchant sends it {int} times", "Sends the same request again and again.", `When the merchant sends it 3 times`, 0, sendTimes},
		{"the merchant sends it with the header {string} set to {string}", "Sends the request with one more header.",
			`When the merchant sends it with the header "Content-Type" set to "text/plain"`, 0, sendWithHeader},
		{"the merchant sends a {word} to {string}", "Calls any path of the Cashier API by any method.",
			`When the merchant sends a GET to "/v1/api/mozarto/cashier"`, 0, sendTo},
		{"the merchant sends it by the scenario {string}", "Sends the request and lets a scenario of the simulator decide what happens.",
			`When the merchant sends it by the scenario "answer-lost"`, NeedsControl, sendBy},
		{"a/an {psp} {flow} payment", "A valid request has been sent, and answered with success.", `Given a TRUST PAYIN payment`, 0, makePayment},
		{"a/an {psp} {flow} payment with:", "The same, with fields changed.",
			"Given a TRUST PAYIN payment with:\n  | merchantReference | order-1 |", 0, makePaymentWith},
		{"a/an {psp} {flow} payment by the scenario {string}", "A valid request has been sent, and a scenario of the simulator decides what happens to it.",
			`Given a WORLDPAY_EU PAYIN payment by the scenario "worldpay-refunded"`, NeedsControl, makePaymentBy},
	}
}

// answerSteps look at the newest answer.
func answerSteps() []Step {
	return []Step{
		{"the answer is a success", "HTTP 200, status success, isSuccess true.", `Then the answer is a success`, 0, answerSucceeds},
		{"every answer is a success", "The same of all answers of the scenario.", `Then every answer is a success`, 0, everyAnswerSucceeds},
		{"the answer has the HTTP status {int}", "Looks at the status alone.", `Then the answer has the HTTP status 504`, 0, answerHasStatus},
		{"the answer is the error {int} {string}", "HTTP status and message, in the shape of an error: status error, isSuccess false.",
			`Then the answer is the error 400 "Validation failed"`, 0, answerIsError},
		{"the answer's errors are:", "The list errors, in order, one a row.",
			"And the answer's errors are:\n  | amount must not be empty |", 0, answerListsErrors},
		{"the answer's only error is {string}", "The list errors has this one entry.", `And the answer's only error is "phone must have at least 6 digits"`, 0, answerListsOneError},
		{"the answer lists no errors", "The list errors is there and empty.", `And the answer lists no errors`, 0, answerListsNoErrors},
		{"the answer has:", "Fields and what they are: a value, \"text\", (absent), (empty), (null), <any>, <number>, <boolean>, <text>, <uuid>, <transaction id>, <url>, <amount>, <token>, <hex>, /a regular expression/, <not:VALUE>, <request.userId>, <answer.…>, <user.…>, <kept.…>.",
			"And the answer has:\n  | data.transactionId | <transaction id>     |\n  | data.amount        | <request.baseamount> |", 0, answerHas},
		{"the answer's {string} is {string}", "One field, as above.", `And the answer's "data.status" is "PENDING"`, 0, answerFieldIs},
		{"the answer has no {string}", "The field is absent, or null.", `And the answer has no "data.url"`, 0, answerFieldAbsent},
		{"the answer matches the contract", "Every field of the answer is as the contract's schema says.", `And the answer matches the contract`, 0, answerMeetsContract},
		{"the answer matches the schema {string}", "The same by a schema's name.", `And the answer matches the schema "TransportError"`, 0, answerMeetsSchema},
		{"the answer sends the shopper to the provider's page", "The field in which the contract says that it is has a URL.", `And the answer sends the shopper to the provider's page`, 0, answerRedirects},
		{"the answer has no redirect URL", "None of the fields that have the URL of a provider's page is there.", `And the answer has no redirect URL`, 0, answerDoesNotRedirect},
		{"the answer has the header {string} {string}", "A header and what it is, as above.", `And the answer has the header "Content-Type" "/json/"`, 0, answerHasHeader},
		{"the answer is no JSON", "There is an answer, but no JSON object.", `And the answer is no JSON`, 0, answerIsNoJSON},
		{"the answer contains {string}", "The body has this text in it.", `And the answer contains "Gateway"`, 0, answerContains},
		{"there is no answer", "The connection ended before the answer.", `Then there is no answer`, 0, noAnswer},
		{"the answer breaks off", "It begins and does not end.", `Then the answer breaks off`, 0, answerBreaksOff},
		{"the answers' {string} differ", "The field is another in each answer of the scenario.", `And the answers' "data.transactionId" differ`, 0, answersDiffer},
		{"the answers' {string} agree", "The field is the same in each answer of the scenario.", `And the answers' "data.amount" agree`, 0, answersAgree},
		{"the answer's {string} is kept as {string}", "Puts a value aside; <kept.NAME> stands for it.", `And the answer's "data.transactionId" is kept as "first"`, 0, keepField},
		{"the shopper opens the provider's page", "Opens the redirect URL as a browser does.", `When the shopper opens the provider's page`, 0, openPage},
		{"the page answers {int}", "The HTTP status of that page.", `Then the page answers 200`, 0, pageAnswers},
		{"the shopper goes back to the shop", "Takes the simulated page's way back, as a browser does.", `When the shopper goes back to the shop`, NeedsControl, goBack},
		{"the shopper lands on {string}", "The address that the way back leads to, without its query.", `Then the shopper lands on "https://shop.example/payment/success"`, NeedsControl, landsOn},
		{"the shopper lands with:", "Parameters of that address's query.",
			"And the shopper lands with:\n  | status | success |", NeedsControl, landsWith},
	}
}

// webhookSteps look at the webhooks that the merchant gets, and say how the merchant's servers answer.
func webhookSteps() []Step {
	const w = NeedsWebhooks
	return []Step{
		{"a/another webhook arrives", "Waits for one more webhook than the scenario has seen: by moving the simulator's clock, or in real time.", `Then a webhook arrives`, w, nextWebhook},
		{"{int} more webhooks arrive", "Waits for so many more.", `Then 2 more webhooks arrive`, w, moreWebhooks},
		{"{int} webhook(s) has/have arrived", "Counts what has arrived, without moving the clock.", `Then 1 webhook has arrived`, w, webhooksHaveArrived},
		{"no further webhook arrives", "Lets everything that is due happen (or waits for a while in real time), and nothing comes.", `And no further webhook arrives`, w, noMoreWebhooks},
		{"the webhook has:", "Fields of the newest webhook and what they are, as for answers.",
			"And the webhook has:\n  | transaction_status | Approved |", w, webhookHas},
		{"the webhook's {string} is {string}", "One field, as above.", `And the webhook's "status" is "success"`, w, webhookFieldIs},
		{"the webhook has no {string}", "The field is absent, or null.", `And the webhook has no "currency"`, w, webhookFieldAbsent},
		{"the webhook matches the contract", "Every field of it is as the contract's schema for the provider says.", `And the webhook matches the contract`, w, webhookMeetsContract},
		{"the webhook is about this payment", "Its ids, reference, shopper and amount are those of the call.", `And the webhook is about this payment`, w, webhookIsAboutPayment},
		{"the webhooks tell:", "Waits for all of them: status and transaction_status, in the order of arrival.",
			"Then the webhooks tell:\n  | AUTHORISED | Approved |\n  | CAPTURED   | Approved |", w, webhooksAre},
		{"the webhook has the header {string} {string}", "A header and what it is.", `And the webhook has the header "Content-Type" "/json/"`, w, webhookHasHeader},
		{"the webhook has no header {string}", "The header is absent.", `And the webhook has no header "Authorization"`, w, webhookHasNoHeader},
		{"the webhooks are the same", "The bodies of all webhooks so far are equal.", `And the webhooks are the same`, w, webhooksAreTheSame},
		{"the webhook came {duration} after the answer", "On the simulator's clock.", `And the webhook came 2s after the answer`, w | NeedsControl, webhookCame},
		{"the webhook came within {duration} of the answer", "On the simulator's clock, or in real time.", `And the webhook came within 15m of the answer`, w, webhookCameWithin},
		{"a webhook had come before the answer", "It overtook the answer.", `Then a webhook had come before the answer`, w, webhookCameBefore},
		{"no webhook had come before the answer", "None overtook it.", `Then no webhook had come before the answer`, w, noWebhookCameBefore},
		{"the webhook is no JSON", "It is not one JSON object.", `And the webhook is no JSON`, w, webhookIsNoJSON},
		{"the merchant's handler answers {string}", "What webhooks are answered with from now on, one after the other; 200 after them.",
			`Given the merchant's handler answers "500, 503, 200"`, w | NeedsControl, handlerAnswers},
		{"the merchant's handler fails {int} time(s)", "It answers 500 so many times.", `Given the merchant's handler fails 6 times`, w | NeedsControl, handlerFails},
		{"verify-user answers {int}", "How the merchant refuses a session token; 200 confirms it with a shopper of the call's userId.",
			`Given verify-user answers 403`, w | NeedsControl, verifyUserAnswers},
		{"verify-user answers {int} with:", "The same, with a body.",
			"Given verify-user answers 200 with:\n  \"\"\"\n  {\"userId\": \"user-1001\"}\n  \"\"\"", w | NeedsControl, verifyUserAnswersWith},
		{"verify-user was asked:", "The newest verify-user call: its Authorization header, and fields of its body.",
			"And verify-user was asked:\n  | Authorization | Bearer session-of-jane |\n  | userId        | user-1001              |", w | NeedsControl, verifyUserWasAsked},
		{"verify-user was asked {int} time(s)", "How often it was called.", `And verify-user was asked 2 times`, w | NeedsControl, verifyUserWasAskedTimes},
	}
}

// timeSteps are what people and time do to a payment.
func timeSteps() []Step {
	const c = NeedsControl
	return []Step{
		{"the shopper pays on the provider's page", "On the simulator the shopper approves; elsewhere a person is asked to.", `When the shopper pays on the provider's page`, NeedsShopper, onPage("approve", "pay")},
		{"the shopper cancels on the provider's page", "The same for a shopper who gives up.", `When the shopper cancels on the provider's page`, NeedsShopper, onPage("cancel", "cancel")},
		{"the shopper approves", "Decides as the shopper does.", `When the shopper approves`, c, decides("approve")},
		{"the provider declines", "Decides as the provider does, for its usual reason.", `When the provider declines`, c, decides("decline")},
		{"the provider declines for {string}", "The same for one of the provider's own reasons.", `When the provider declines for "51"`, c, providerDeclinesFor},
		{"the shopper cancels", "Decides as the shopper does.", `When the shopper cancels`, c, decides("cancel")},
		{"the shopper pays too little", "Crypto that is not enough.", `When the shopper pays too little`, c, decides("underpay")},
		{"the shopper fails the step-up", "The issuer's challenge is not met.", `When the shopper fails the step-up`, c, decides("challenge-fail")},
		{"the provider's page expires", "Nobody has paid in time.", `When the provider's page expires`, c, decides("expire")},
		{"another decision is refused", "What is decided stays decided.", `Then another decision is refused`, c, decisionRefused},
		{"the back office approves the pay-out", "An admin lets it go.", `When the back office approves the pay-out`, c, backOfficeApproves},
		{"the back office rejects the pay-out", "An admin stops it.", `When the back office rejects the pay-out`, c, backOfficeRejects},
		{"the back office rejects the pay-out for {string}", "An admin stops it, and says why.", `When the back office rejects the pay-out for "limit"`, c, backOfficeRejectsFor},
		{"{duration} pass(es)", "Moves the company's clock: 90s, 15m, 1h30m, 30d. What is due meanwhile happens.", `When 15m pass`, c, timePasses},
		{"everything that is due happens", "Moves the company's clock until nothing is due.", `When everything that is due happens`, c, everythingHappens},
		{"the payment is {string}", "Its status as the simulator knows it: approved, awaiting approval, … or Approved, Declined, Pending.", `Then the payment is "awaiting approval"`, c, paymentIs},
		{"the company has {int} payment(s)", "Counts them.", `Then the company has 1 payment`, c, hasPayments},
		{"the webhook is sent once more", "An admin has the newest webhook sent again.", `When the webhook is sent once more`, c, resend},
	}
}

// companySteps change the back office, the providers' health, and what shall happen.
func companySteps() []Step {
	const c = NeedsControl
	return []Step{
		{"the company has no {psp} configuration", "Takes a provider's configuration away.", `Given the company has no PAYONE configuration`, c, noConfiguration},
		{"the company's {psp} configuration has:", "Changes fields of a provider's configuration; (absent) leaves one out.",
			"Given the company's WORLDPAY_EU configuration has:\n  | integrationMode | direct |", c, configurationHas},
		{"the company's {psp} configuration has no {string}", "Leaves one out.", `Given the company's PAYONE configuration has no "siteUrl"`, c, configurationLacks},
		{"the company's {psp} webhooks are secured by {string}", "They carry the shared secret.", `Given the company's PAYONE webhooks are secured by "our-shared-secret"`, c, secured},
		{"the company has no rule for {psp}", "Takes the orchestration rule away.", `Given the company has no rule for PAYONE`, c, noRule},
		{"the company's rule for {psp} is switched off", "It is there, but not active.", `Given the company's rule for PAYONE is switched off`, c, ruleOff},
		{"the company has a rule for {psp} and the brand {string}", "Adds the brand and an active rule for it.", `Given the company has a rule for TRUST and the brand "silver"`, c, brandRule(true)},
		{"the company has a switched-off rule for {psp} and the brand {string}", "Adds the brand and a rule for it that is not active.",
			`Given the company has a switched-off rule for TRUST and the brand "silver"`, c, brandRule(false)},
		{"the company's password has expired", "Every call is then forbidden.", `Given the company's password has expired`, c, passwordExpired},
		{"{psp} is {word}", "Puts a provider out of order: down, slow, rate-limited, bad-credentials, flapping.", `Given PAYONE is down`, c, outage},
		{"{psp} is {word} for {duration}", "The same for a time.", `Given PAYONE is down for 10m`, c, outageFor},
		{"{psp} is in order again", "Ends the outage.", `When PAYONE is in order again`, c, outageEnds},
		{"the scenario {string} decides the next payment", "Lets a ready scenario of the simulator decide, once (\"mozartosim scenario list\").",
			`Given the scenario "payone-approved-twice" decides the next payment`, c, overrideNext},
		{"this scenario decides the next payment:", "The same with a scenario that is written below, in YAML.",
			"Given this scenario decides the next payment:\n  \"\"\"\n  shopper: {action: approve, after: 5s}\n  \"\"\"", c, overrideWith},
		{"another company", "Makes a second company; the first one still calls.", `Given another company`, c, anotherCompany},
		{"the other company calls", "From here on the other company calls, and the steps are about it.", `When the other company calls`, c, otherCalls},
		{"the other company has {int} payment(s)", "Counts them.", `Then the other company has 0 payments`, c, otherHasPayments},
		{"the other company got no webhook", "Nothing arrived there.", `And the other company got no webhook`, c, otherHasNoWebhooks},
	}
}

// pageSteps use the simulator's pages as a shopper's browser does: what a page shows, which controls it has, and its forms.
// Which states and controls there are stands in simulator/pages/TESTIDS.md.
func pageSteps() []Step {
	const c = NeedsControl
	return []Step{
		{"the page has the header {string} {string}", "A header of the provider's page and what it is.",
			`Then the page has the header "Content-Type" "/html/"`, 0, pageHasHeader},
		{"the page contains {string}", "The page's HTML has this text in it.", `Then the page contains "Pay by card"`, 0, pageContains},
		{"the shopper opens the provider's page at {string}", "The same page with a query: another coin, a step of it, a test card.",
			`When the shopper opens the provider's page at "coin=BTC"`, c, openPageAt},
		{"the page shows {string}", "What the simulated page is about, its data-state, such as invoice, choose, card, challenge, decided or used.",
			`Then the page shows "choose"`, c, pageShows},
		{"the page offers {string}", "The simulated page has this control or text, by its data-testid.",
			`And the page offers "bank-success"`, c, pageOffers},
		{"the page does not offer {string}", "It has none of that name.", `And the page does not offer "card-pay"`, c, pageDoesNotOffer},
		{"the page's {string} contains {string}", "The text of that control.",
			`And the page's "crypto-address" contains "btc-"`, c, pageTextContains},
		{"the shopper sends the page's form:", "Sends a form of the simulated page and looks at the page that comes next: do is the button's value, the rest what was typed.",
			"When the shopper sends the page's form:\n  | do | approve |", c, sendForm},
		{"the simulator's inbox has {int} webhook(s)", "Webhooks of a configuration without webhookUrl lie in it.",
			`Then the simulator's inbox has 1 webhook`, c, inboxHas},
	}
}

// configurationSteps are about what the back office takes as a provider's configuration.
func configurationSteps() []Step {
	return []Step{
		{"the back office refuses a {psp} configuration with:", "The configuration is not saved with these fields, and stays as it was.",
			"Then the back office refuses a PAYONE configuration with:\n  | siteUrl | shop.example |", NeedsControl, configurationRefused},
	}
}

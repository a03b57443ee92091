@psp:TRUST @flow:PAYIN
Feature: Trust Payments
  A hosted card page. The call charges nothing: it makes a transaction and gives a page that is good for one use and five
  minutes. Card data must never be in the call.

  @sandbox
  Scenario: A pay-in sends the shopper to the hosted page
    Given a valid TRUST PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                | Successfully                |
      | data.paymentUrl        | <url>                       |
      | data.transactionId     | <transaction id>            |
      | data.merchantReference | <request.merchantReference> |
      | data.amount            | <request.baseamount>        |
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox
  Scenario: Without a reference an empty one is echoed
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer's "data.merchantReference" is "(empty)"

  @sandbox
  Scenario: Billing fields only prefill the page
    Given a valid TRUST PAYIN request with every field
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario: Card data are refused
    Given a valid TRUST PAYIN request with:
      | card.pan    | 4111111111111111 |
      | card.expiry | 12/2030          |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "card must not be sent"

  @sandbox @webhook @shopper
  Scenario: The card is authorised
    Given a TRUST PAYIN payment with:
      | merchantReference | order-{unique} |
    When the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Approved           |
      | status             | authorised         |
      | currency           | <request.currency> |
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook
  Scenario: A declined card shows the form again, so one order may be declined and then approved
    Given a TRUST PAYIN payment by the scenario "trust-declined-then-approved"
    Then the webhooks tell:
      | declined   | Declined |
      | authorised | Approved |
    And no further webhook arrives

  @control @webhook
  Scenario Outline: A card is <raw>: <scenario>
    Given a TRUST PAYIN payment by the scenario "<scenario>"
    Then the webhooks tell:
      | <raw> | Declined |
    And the webhook is about this payment

    Examples:
      | scenario           | raw       |
      | trust-declined     | declined  |
      | trust-soft-declined | declined  |
      | trust-no-funds     | declined  |
      | trust-bank-error   | declined  |
      | trust-bank-timeout | declined  |
      | trust-3ds-failed   | declined  |
      | trust-cancelled    | cancelled |
      | trust-expired      | expired   |

  @control @webhook
  Scenario: A decline's text has the error code and the issuer's own
    Given a TRUST PAYIN payment by the scenario "trust-declined"
    Then a webhook arrives
    And the webhook's "message" is "70000 - Decline. [05 Do not honour]"

  @control @rule:return-trust
  Scenario Outline: Without siteSecurityPassword the shopper is not sent back: after <decision>
    Given the company's TRUST configuration has no "siteSecurityPassword"
    And a TRUST PAYIN payment with:
      | hppSuccessUrl | https://shop.example/thanks |
      | hppFailureUrl | https://shop.example/sorry  |
    When <decision>
    And the shopper opens the provider's page
    Then the page offers "no-return"

    Examples:
      | decision             |
      | the shopper approves |
      | the shopper cancels  |

  @control @rule:page-trust-wallets
  Scenario: The page offers wallets besides cards
    Given a TRUST PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    Then the page offers "apple-pay"
    And the page offers "google-pay"
    And the page offers "card-pay"

  @control @webhook
  Scenario Outline: The shopper decides: <decision>
    Given a TRUST PAYIN payment
    When <decision>
    Then a webhook arrives
    And the webhook came within 5m of the answer
    And the webhook has:
      | status             | <raw>    |
      | transaction_status | <status> |

    Examples:
      | decision                     | raw        | status   |
      | the shopper approves         | authorised | Approved |
      | the shopper cancels          | cancelled  | Declined |
      | the provider declines        | declined   | Declined |
      | the provider's page expires  | expired    | Declined |

@psp:WORLDPAY_EU @flow:PAYIN
Feature: Worldpay
  Cards and wallets on Worldpay's hosted page, or card data sent directly. An order that succeeds is usually authorised first
  and captured then: two webhooks, both Approved.

  @sandbox
  Scenario: A pay-in sends the shopper to the hosted page
    Given a valid WORLDPAY_EU PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                 | Successfully                |
      | data.paymentUrl         | /OrderKey=.+Ticket=/        |
      | data.transactionId      | <transaction id>            |
      | data.transaction_status | Pending                     |
      | data.merchantReference  | <request.merchantReference> |
      | data.amount             | <request.baseamount>        |
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @control
  Scenario: Result URLs are part of the page's URL only when the site is configured
    Given a valid WORLDPAY_EU PAYIN request
    When the merchant sends it
    Then the answer's "data.paymentUrl" is "/successURL=.+failureURL=/"
    And the company's WORLDPAY_EU configuration has no "siteUrl"
    And the merchant sends it
    Then the answer's "data.paymentUrl" is "/^[^?]+[?]OrderKey=[^&]+&Ticket=[^&]+$/"

  @sandbox @webhook @shopper
  Scenario: The card is authorised, then captured
    Given a WORLDPAY_EU PAYIN payment with:
      | merchantReference | order-{unique} |
    When the shopper pays on the provider's page
    Then the webhooks tell:
      | AUTHORISED | Approved |
      | CAPTURED   | Approved |
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook
  Scenario Outline: An order ends <raw>: <scenario>
    Given a WORLDPAY_EU PAYIN payment by the scenario "<scenario>"
    Then the webhooks tell:
      | <raw> | Declined |
    And the webhook is about this payment
    And no further webhook arrives

    Examples:
      | scenario                       | raw       |
      | worldpay-refused               | REFUSED   |
      | worldpay-card-expired          | REFUSED   |
      | worldpay-fraud-suspicion       | REFUSED   |
      | worldpay-lost-card             | REFUSED   |
      | worldpay-stolen-card           | REFUSED   |
      | worldpay-limit-exceeded        | REFUSED   |
      | worldpay-invalid-security-code | REFUSED   |
      | worldpay-card-blocked          | REFUSED   |
      | worldpay-issuer-not-reachable  | REFUSED   |
      | worldpay-stopped               | CANCELLED |
      | worldpay-cancelled             | EXPIRED   |
      | worldpay-expired               | EXPIRED   |

  @control @webhook @rule:worldpay-cancel
  Scenario: A shopper's cancel sends no webhook; the order expires later
    Given a WORLDPAY_EU PAYIN payment
    When the shopper cancels
    Then 0 webhooks have arrived
    And the payment is "Pending"
    And the shopper goes back to the shop
    Then the shopper lands on "https://shop.example/payment/failure"
    And the shopper lands with:
      | status | cancelled |
    And everything that is due happens
    Then the webhooks tell:
      | EXPIRED | Declined |
    And no further webhook arrives

  @control @webhook @rule:worldpay-times
  Scenario Outline: A capture follows the authorisation within <time> with captureDelay <delay>
    Given the company's WORLDPAY_EU configuration has:
      | captureDelay | <delay> |
    And a WORLDPAY_EU PAYIN payment
    When the shopper approves
    Then a webhook arrives
    And the webhook's "status" is "AUTHORISED"
    And a webhook arrives
    And the webhook's "status" is "CAPTURED"
    And the webhook came within <time> of the answer
    And no further webhook arrives

    Examples:
      | delay   | time   |
      | DEFAULT | 15m    |
      | 0       | 15m    |
      | 2       | 48h15m |

  @control @webhook
  Scenario: After ERROR the shopper may try again
    Given a WORLDPAY_EU PAYIN payment by the scenario "worldpay-error-then-authorised"
    Then the webhooks tell:
      | ERROR      | Declined |
      | AUTHORISED | Approved |
    And no further webhook arrives

  @control @webhook
  Scenario: Some set-ups tell AUTHORISED twice
    Given a WORLDPAY_EU PAYIN payment by the scenario "worldpay-authorised-twice"
    Then 2 more webhooks arrive
    And the webhook has:
      | status             | AUTHORISED |
      | transaction_status | Approved   |

  @control @webhook
  Scenario: Card data sent directly need no page
    Given the WORLDPAY_EU PAYIN request "direct"
    And the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    When the merchant sends it
    Then the answer is a success
    And the answer has no redirect URL
    And the answer's "data.transaction_status" is "Pending"
    And the answer matches the contract
    And a webhook arrives
    And the webhook's "transaction_status" is "Approved"

  @sandbox
  Scenario: Card data in the hosted mode are ignored
    Given the WORLDPAY_EU PAYIN request "direct"
    When the merchant sends it
    Then the answer is a success
    And the answer sends the shopper to the provider's page

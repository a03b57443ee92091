@psp:CLEO
Feature: Cleo
  Bank transfer in Chile, Peru and Mexico, each in its own currency. What Cleo answers and tells is nowhere public, so most of
  this is assumed.

  @sandbox @flow:PAYIN
  Scenario Outline: A pay-in in <market> sends the shopper to Cleo's page
    Given a valid CLEO PAYIN request with:
      | countryCode       | <market>       |
      | currency          | <currency>     |
      | currencyCode      | <currency>     |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                | Successfully                |
      | data.status            | PENDING                     |
      | data.url               | {url}                       |
      | data.sessionId         | {uuid}                      |
      | data.transactionId     | {transaction id}            |
      | data.merchantReference | {request.merchantReference} |
      | data.amount            | {request.baseamount}        |
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

    Examples:
      | market | currency |
      | CL     | CLP      |
      | PE     | PEN      |
      | MX     | MXN      |

  @sandbox @flow:PAYIN
  Scenario: A currency belongs to its country
    Given a valid CLEO PAYIN request with:
      | countryCode  | MX  |
      | currency     | PEN |
      | currencyCode | PEN |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be MXN for countryCode MX"

  @sandbox @webhook @shopper @flow:PAYIN
  Scenario: The transfer arrives
    Given a CLEO PAYIN payment with:
      | merchantReference | order-{unique} |
    When the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Approved           |
      | status             | approved           |
      | currency           | <request.currency> |
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook @flow:PAYIN
  Scenario Outline: A transfer is <raw>
    Given a CLEO PAYIN payment by the scenario "<scenario>"
    Then the webhooks tell:
      | <raw> | Declined |
    And no further webhook arrives

    Examples:
      | scenario       | raw       |
      | cleo-rejected  | rejected  |
      | cleo-cancelled | rejected  |
      | cleo-expired   | expired   |

  @sandbox @flow:PAYOUT
  Scenario: A pay-out is accepted and needs no page
    Given a valid CLEO PAYOUT request with:
      | merchantReference | payout-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | data.status            | PENDING                     |
      | data.transactionId     | <transaction id>            |
      | data.merchantReference | <request.merchantReference> |
      | data.amount            | <request.baseamount>        |
    And the answer has no redirect URL
    And the answer matches the contract

  @control @webhook @flow:PAYOUT
  Scenario Outline: A pay-out ends <status>
    Given a CLEO PAYOUT payment by the scenario "<scenario>"
    Then the webhooks tell:
      | <raw> | <status> |
    And the webhook is about this payment
    And the webhook matches the contract

    Examples:
      | scenario             | raw      | status   |
      | cleo-payout-approved | approved | Approved |
      | cleo-payout-rejected | rejected | Declined |

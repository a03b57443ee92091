@control
Feature: Providers out of order
  What goes wrong between the vendor and a provider comes in one form, with a code that says whether to try again.

  Scenario Outline: <psp> is <kind>
    Given a valid <psp> PAYIN request
    And <psp> is <kind>
    When the merchant sends it
    Then the answer has the HTTP status <http>
    And the answer has:
      | status        | error            |
      | isSuccess     | false            |
      | errorCode     | <code>           |
      | transactionId | {transaction id} |
      | errors        | []               |
    And the answer matches the contract
    And the payment is "failed"

    Examples:
      | psp          | kind            | http | code                    |
      | FORUMPAY     | down            | 500  | PSP_UNAVAILABLE         |
      | GIGADAT      | bad-credentials | 400  | INVALID_PSP_CREDENTIALS |
      | WORLDPAY_EU  | rate-limited    | 500  | PSP_RATE_LIMITED        |
      | TRUST        | down            | 500  | PSP_UNAVAILABLE         |
      | CLEO         | rate-limited    | 500  | PSP_RATE_LIMITED        |
      | PAYONE       | down            | 500  | PSP_UNAVAILABLE         |
      | NEOSURF      | bad-credentials | 400  | INVALID_PSP_CREDENTIALS |
      | FLEXEPIN     | down            | 500  | PSP_UNAVAILABLE         |
      | BRITE        | rate-limited    | 500  | PSP_RATE_LIMITED        |
      | EMERCHANTPAY | bad-credentials | 400  | INVALID_PSP_CREDENTIALS |

  Scenario: An outage ends
    Given a valid PAYONE PAYIN request
    And PAYONE is down for 10m
    When the merchant sends it
    Then the answer's "errorCode" is "PSP_UNAVAILABLE"
    And 11m pass
    And the merchant sends it
    Then the answer is a success

  Scenario: An outage is ended by hand
    Given a valid PAYONE PAYIN request
    And PAYONE is down
    When PAYONE is in order again
    And the merchant sends it
    Then the answer is a success

  Scenario: One provider's outage affects no other
    Given a valid TRUST PAYIN request
    And PAYONE is down
    When the merchant sends it
    Then the answer is a success

  @webhook
  Scenario: A time-out does not mean that nothing was paid
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "timeout-but-paid"
    Then the answer's "errorCode" is "PSP_TIMEOUT"
    And a webhook arrives
    And the webhook's "transaction_status" is "Approved"

@psp:BRITE @flow:PAYIN
Feature: Brite
  Open banking. The shopper logs into the bank on Brite's page. No webhook is sent, and there is no way to ask; the request is
  assumed.

  @sandbox
  Scenario: A pay-in sends the shopper to Brite's page
    Given a valid BRITE PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                | Successfully                |
      | data.status            | PENDING                     |
      | data.url               | <url>                       |
      | data.sessionId         | <uuid>                      |
      | data.transactionId     | <transaction id>            |
      | data.merchantReference | <request.merchantReference> |
      | data.amount            | <request.baseamount>        |
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox
  Scenario: There is no pay-out
    Given a valid BRITE PAYIN request with:
      | type | PAYOUT |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "type must be one of: PAYIN"

  @control @webhook
  Scenario Outline: Whatever happens, no webhook tells of it: <scenario>
    Given a BRITE PAYIN payment by the scenario "<scenario>"
    Then the answer is a success
    And no further webhook arrives
    And the payment is "<status>"

    Examples:
      | scenario                | status    |
      | brite-completed         | approved  |
      | brite-no-funds          | declined  |
      | brite-session-abandoned | Declined  |
      | brite-cancelled         | cancelled |
      | brite-expired           | expired   |

  @control @webhook
  Scenario Outline: The bank's page ends the session for <reason>
    Given a BRITE PAYIN payment by the scenario "<scenario>"
    Then no further webhook arrives
    And the payment is "declined"

    Examples:
      | scenario                  | reason                            |
      | brite-bank-id-not-enabled | psu_disabled_bank_id_extended_use |
      | brite-not-configured      | psu_configuration_error           |
      | brite-logged-in-elsewhere | psu_logged_into_internet_bank     |

  @control @webhook
  Scenario: A session that failed may still become credit, and no webhook tells of it
    Given a BRITE PAYIN payment by the scenario "brite-credit-later"
    When 1m passes
    Then the payment is "declined"
    And everything that is due happens
    Then the payment is "approved"
    And 0 webhooks have arrived

  @control
  Scenario: A refusal at the call comes as an unknown error with the raw answer
    Given a BRITE PAYIN payment by the scenario "brite-refused-at-the-call"
    Then the answer is the error 500 "An unexpected error occurred. Contact support if it continues."
    And the answer has:
      | errorCode          | UNKNOWN_PSP_ERROR |
      | data.error_name    | InvalidAmount     |
      | data.error_message | <text>            |
      | data.state         | APPLICATION_ERROR |

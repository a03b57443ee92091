@psp:GIGADAT @flow:PAYOUT @control @webhook
Feature: Gigadat pay-outs wait for an admin
  Nothing settles before an admin has approved the pay-out in the back office.

  Scenario Outline: A pay-out by <by> is approved
    Given a GIGADAT PAYOUT <by> payment with:
      | merchantReference | payout-{unique} |
    Then no further webhook arrives
    And the payment is "awaiting approval"
    And the back office approves the pay-out
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Approved       |
      | status             | STATUS_SUCCESS |
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives
    And the payment is "approved"

    Examples:
      | by  |
      | ETO |
      | ACH |

  Scenario Outline: A pay-out by <by> is rejected
    Given a GIGADAT PAYOUT <by> payment
    When the back office rejects the pay-out
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Declined        |
      | status             | STATUS_REJECTED |
    And no further webhook arrives

    Examples:
      | by  |
      | ETO |
      | ACH |

  Scenario: Days may pass before somebody looks at it
    Given a GIGADAT PAYOUT ETO payment
    When 3d pass
    Then the payment is "awaiting approval"
    And 0 webhooks have arrived

  Scenario: An approved pay-out may still fail
    Given a GIGADAT PAYOUT ETO payment by the scenario "gigadat-payout-failed-after-approval"
    When the back office approves the pay-out
    Then a webhook arrives
    And the webhook's "transaction_status" is "Declined"

  Scenario: A rejection may say why
    Given a GIGADAT PAYOUT ACH payment
    When the back office rejects the pay-out for "over the limit"
    Then a webhook arrives
    And the webhook's "transaction_status" is "Declined"

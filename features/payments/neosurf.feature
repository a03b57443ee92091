@psp:NEOSURF @flow:PAYIN
Feature: Neosurf
  A voucher whose PIN the merchant's own form takes. There is no page to go to; the outcome comes by webhook.

  @sandbox
  Scenario: A pay-in is pending and sends the shopper nowhere
    Given a valid NEOSURF PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message            | (absent)         |
      | data.status        | PENDING          |
      | data.sessionId     | <uuid>           |
      | data.transactionId | <transaction id> |
    And the answer has no redirect URL
    And the answer matches the contract

  @control @webhook
  Scenario: The voucher is good
    Given a NEOSURF PAYIN payment with:
      | merchantReference | order-{unique} |
    Then a webhook arrives
    And the webhook has:
      | method             | NEOSURF_PAYIN      |
      | status             | ok                 |
      | transaction_status | Approved           |
      | currency           | <request.currency> |
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook
  Scenario: The voucher turns out to be bad later
    Given a NEOSURF PAYIN payment by the scenario "neosurf-declined-later"
    Then the answer is a success
    And the webhooks tell:
      | ko | Declined |
    And the webhook's "method" is "NEOSURF_PAYIN"

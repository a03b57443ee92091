@control @webhook
Feature: The order in which webhooks come
  Usually the answer is first, then the webhooks in the order of what happened. Nothing promises it.

  Scenario: The answer is first
    Given a PAYONE PAYIN payment
    Then no webhook had come before the answer
    And a webhook arrives
    And the webhook came 2s after the answer

  Scenario: A webhook may overtake the answer
    Given a PAYONE PAYIN payment by the scenario "webhook-before-answer"
    Then a webhook had come before the answer
    And 1 webhook has arrived
    And the webhook is about this payment
    And no further webhook arrives

  Scenario: Webhooks may come in reverse
    Given a WORLDPAY_EU PAYIN payment by the scenario "webhooks-reversed"
    Then the webhooks tell:
      | AUTHORISED             | Approved |
      | SENT_FOR_AUTHORISATION | Pending  |

  Scenario: A webhook may come twice
    Given a PAYONE PAYIN payment by the scenario "webhook-twice"
    Then 2 more webhooks arrive
    And the webhooks are the same
    And no further webhook arrives

  Scenario: A webhook may come late
    Given a PAYONE PAYIN payment by the scenario "webhook-late"
    Then a webhook arrives
    And the webhook is about this payment

  Scenario: A webhook may never come
    Given a PAYONE PAYIN payment by the scenario "webhook-never"
    Then no further webhook arrives
    And the payment is "approved"

  Scenario: A webhook may be sent once more by hand
    Given a PAYONE PAYIN payment
    Then a webhook arrives
    And the webhook is sent once more
    Then another webhook arrives
    And the webhooks are the same

  Scenario: Approved twice in a row
    Given the scenario "payone-approved-twice" decides the next payment
    And a PAYONE PAYIN payment
    Then 2 more webhooks arrive
    And the webhook's "transaction_status" is "Approved"
    And no further webhook arrives

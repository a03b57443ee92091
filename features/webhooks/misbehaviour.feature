@control @webhook
Feature: Webhooks that are not as they should be
  A merchant's handler must stand them; the simulator can send them.

  Scenario: No JSON
    Given a PAYONE PAYIN payment by the scenario "webhook-body-malformed"
    Then a webhook arrives
    And the webhook is no JSON

  Scenario: Nothing at all
    Given a PAYONE PAYIN payment by the scenario "webhook-body-empty"
    Then a webhook arrives
    And the webhook is no JSON

  Scenario: Unknown fields
    Given a PAYONE PAYIN payment by the scenario "webhook-body-extra-fields"
    Then a webhook arrives
    And the webhook is about this payment
    And the webhook's "transaction_status" is "Approved"

  Scenario: Without status and amount
    Given a PAYONE PAYIN payment by the scenario "webhook-body-missing-fields"
    Then a webhook arrives
    And the webhook has no "transaction_status"
    And the webhook has no "amount"
    And the webhook's "status" is "success"

  Scenario: Two megabytes longer
    Given a PAYONE PAYIN payment by the scenario "webhook-body-huge"
    Then a webhook arrives
    And the webhook's "padding" is "/^xxxxxxxx/"
    And the webhook is about this payment

  Scenario: The amount as a number
    Given a PAYONE PAYIN payment by the scenario "webhook-body-number-amount"
    Then a webhook arrives
    And the webhook's "amount" is "<number>"

  Scenario: About a payment that is not ours
    Given a PAYONE PAYIN payment by the scenario "webhook-body-another-payments-id"
    Then a webhook arrives
    And the webhook's "transaction_id" is "<transaction id>"

  Scenario: Cut off first, whole ten seconds later
    Given a PAYONE PAYIN payment by the scenario "webhook-malformed-then-whole"
    Then a webhook arrives
    And the webhook is no JSON
    Then another webhook arrives
    And the webhook is about this payment

  Scenario: A charge-back, and a copy of it with a wrong secret
    Given the company's PAYONE webhooks are secured by "our-shared-secret-1"
    And a PAYONE PAYIN payment by the scenario "charge-back-twice-second-wrong-secret"
    Then a webhook arrives
    And another webhook arrives
    And the webhook's "status" is "charged_back"
    And the webhook has the header "Authorization" "Bearer our-shared-secret-1"
    Then another webhook arrives
    And the webhook's "status" is "charged_back"
    And the webhook has the header "Authorization" "<not:Bearer our-shared-secret-1>"

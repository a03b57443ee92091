@assumes:webhook-secret
Feature: How a secured webhook shows its secret
  A secured webhook carries a shared secret in an Authorization header; in which form is not documented. We write
  Bearer, a blank, and the secret.

  @control @webhook
  Scenario: Bearer and the secret
    Given the company's FORUMPAY webhooks are secured by "a-secret-between-us-7"
    And a FORUMPAY PAYIN payment
    Then a webhook arrives
    And the webhook has the header "Authorization" "Bearer a-secret-between-us-7"

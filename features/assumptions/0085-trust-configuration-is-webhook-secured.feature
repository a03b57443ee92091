@assumes:TrustConfiguration.isWebhookSecured
Feature: Trust's webhooks can be secured
  isWebhookSecured is among other providers' fields and not among Trust's. We take it there too: a merchant wants to
  know who the sender is, whatever is paid.

  @control @webhook
  Scenario: Switched on, its webhooks carry the secret
    Given the company's TRUST webhooks are secured by "a-secret-between-us-8"
    And a TRUST PAYIN payment
    Then a webhook arrives
    And the webhook has the header "Authorization" "/a-secret-between-us-8$/"

  @control @webhook
  Scenario: Switched off, they do not
    Given the company's TRUST configuration has:
      | isWebhookSecured | json:false            |
      | webhookSecret    | a-secret-between-us-8 |
    And a TRUST PAYIN payment
    Then a webhook arrives
    And the webhook has no header "Authorization"

@assumes:NeosurfConfiguration.isWebhookSecured
Feature: Neosurf's webhooks can be secured
  Other providers' configurations have isWebhookSecured, Neosurf's list does not, so it is unknown whether its
  webhooks can be secured. We let them.

  @control @webhook
  Scenario: Switched on, its webhooks carry the secret
    Given the company's NEOSURF webhooks are secured by "a-secret-between-us-8"
    And a NEOSURF PAYIN payment
    Then a webhook arrives
    And the webhook has the header "Authorization" "/a-secret-between-us-8$/"

  @control @webhook
  Scenario: Switched off, they do not
    Given the company's NEOSURF configuration has:
      | isWebhookSecured | json:false            |
      | webhookSecret    | a-secret-between-us-8 |
    And a NEOSURF PAYIN payment
    Then a webhook arrives
    And the webhook has no header "Authorization"

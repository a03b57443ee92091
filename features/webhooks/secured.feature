@control @webhook
Feature: Secured webhooks
  With isWebhookSecured a webhook carries a shared secret in its Authorization header, so that the merchant knows who speaks.

  @assumes:webhook-secret
  Scenario Outline: <psp> webhooks carry the secret
    Given the company's <psp> webhooks are secured by "our-shared-secret-1"
    And a <psp> PAYIN payment
    When everything that is due happens
    Then the webhook has the header "Authorization" "Bearer our-shared-secret-1"

    Examples:
      | psp         |
      | FORUMPAY    |
      | GIGADAT     |
      | WORLDPAY_EU |
      | CLEO        |
      | PAYONE      |

  Scenario: A secret that was changed may be sent once more
    Given the company's PAYONE webhooks are secured by "our-former-secret-1"
    And the company's PAYONE webhooks are secured by "our-shared-secret-1"
    And a PAYONE PAYIN payment by the scenario "webhook-old-secret"
    Then a webhook arrives
    And the webhook has the header "Authorization" "Bearer our-former-secret-1"

  Scenario: Without it there is no such header
    Given a PAYONE PAYIN payment
    Then a webhook arrives
    And the webhook has no header "Authorization"

  Scenario: Somebody who doesn't know the secret may send one too
    Given the company's PAYONE webhooks are secured by "our-shared-secret-1"
    And a PAYONE PAYIN payment by the scenario "webhook-wrong-secret"
    Then a webhook arrives
    And the webhook has the header "Authorization" "<not:Bearer our-shared-secret-1>"

  Scenario: Or without any
    Given the company's PAYONE webhooks are secured by "our-shared-secret-1"
    And a PAYONE PAYIN payment by the scenario "webhook-without-secret"
    Then a webhook arrives
    And the webhook has no header "Authorization"

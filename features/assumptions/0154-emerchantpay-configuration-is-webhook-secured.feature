@assumes:EmerchantpayConfiguration.isWebhookSecured
Feature: eMerchantPay's webhooks can be secured
  isWebhookSecured is documented for other providers and not listed for eMerchantPay. We take it there too.

  @control @webhook
  Scenario: Switched on, its webhooks carry the secret
    Given the company's EMERCHANTPAY webhooks are secured by "a-secret-between-us-8"
    And the EMERCHANTPAY PAYIN request "challenge"
    When the merchant sends it
    Then a webhook arrives
    And the webhook has the header "Authorization" "/a-secret-between-us-8$/"

  @control @webhook
  Scenario: Switched off, they do not
    Given the company's EMERCHANTPAY configuration has:
      | isWebhookSecured | json:false            |
      | webhookSecret    | a-secret-between-us-8 |
    And the EMERCHANTPAY PAYIN request "challenge"
    When the merchant sends it
    Then a webhook arrives
    And the webhook has no header "Authorization"

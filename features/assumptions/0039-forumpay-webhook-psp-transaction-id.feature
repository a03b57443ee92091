@assumes:ForumpayWebhook.psp_transaction_id
Feature: ForumPay's webhooks name the payment as ForumPay does
  That a webhook may have the provider's own id is documented, not what ForumPay's looks like. We give it the form of
  payment_id in the pay-out's answer: a UUID.

  @sandbox @webhook @shopper
  Scenario: A UUID
    Given a FORUMPAY PAYIN payment
    When the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook's "psp_transaction_id" is "<uuid>"

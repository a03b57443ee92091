@assumes:crypto-overpaid
Feature: Crypto that is more than was asked for
  The states of a crypto payment are public, what follows from too much is not. We confirm it with the invoice's own
  amount; the merchant credits what was asked for, and the rest is between shopper and provider.

  @control @webhook
  Scenario: Too much is confirmed as if it were exact
    Given a FORUMPAY PAYIN payment by the scenario "shopper-overpays"
    When everything that is due happens
    Then the webhook has:
      | status             | confirmed            |
      | transaction_status | Approved             |
      | amount             | <request.baseamount> |
    And the webhook is about this payment

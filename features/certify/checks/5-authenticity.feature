Feature: authenticity

  @wrong-secret @points:3 @refusable
  Scenario: a webhook with a wrong secret credits nothing
    Compare the Authorization header with the shared secret, in constant time, before you read the body.

    Given a shared secret
    Given a payment that has a webhook with a wrong secret
    When the shop starts a <payment>
    And nothing is credited yet
    And the webhook is sent
    Then nothing is credited

  @missing-secret @points:3 @refusable
  Scenario: a webhook without a secret credits nothing
    Compare the Authorization header with the shared secret, in constant time, before you read the body.

    Given a shared secret
    Given a payment that has a webhook without a secret
    When the shop starts a <payment>
    And nothing is credited yet
    And the webhook is sent
    Then nothing is credited

  @another-companys-secret @points:3 @refusable
  Scenario: a webhook with another company's secret credits nothing
    Compare the Authorization header with the shared secret, in constant time, before you read the body.

    Given a shared secret
    Given a payment that has a webhook with another company's secret
    When the shop starts a <payment>
    And nothing is credited yet
    And the webhook is sent
    Then nothing is credited

  @unknown-transaction @points:3
  Scenario: a webhook of an unknown transaction credits nothing
    Credit orders that you started, and no others.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook arrives with an unknown transaction and an unknown reference
    Then it is answered, and with no 5xx
    Then nothing is credited
    And there is no order of that reference, or nothing is credited to it

  @another-payment @points:3
  Scenario: a webhook with the order's reference and another payment's transaction_id credits nothing
    Store the transactionId of the API's answer with the order and compare it.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook arrives with another payment's transaction_id
    Then nothing is credited
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

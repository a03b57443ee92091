Feature: unusual webhooks

  @malformed @points:3
  Scenario: a truncated webhook is refused, and the whole one credited
    Answer what you can't read with a 4xx; it will be sent again.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook is truncated
    Then it is answered, and with no 5xx
    Then nothing is credited
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

  @empty @points:1
  Scenario: an empty webhook is refused, and the whole one credited
    Answer what you can't read with a 4xx; it will be sent again.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook is empty
    Then it is answered, and with no 5xx
    Then nothing is credited
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

  @wrong-content-type @points:1
  Scenario: a webhook with a wrong Content-Type is accepted or refused, and credited once
    Answer a Content-Type that you don't accept with a 415, never with a 5xx.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When the webhook arrives as <contentType>
    Then it is answered, and with no 5xx
    When the payment's own webhook arrives, unless that one was accepted
    Then the order is credited <amount>, once

  @unknown-fields @points:3
  Scenario: unknown fields are ignored
    Ignore fields that you don't know: the vendor adds some without notice.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When the webhook has unknown fields
    Then the order is credited <amount>, once

  @missing-fields @points:3
  Scenario: a webhook without transaction_status and amount credits nothing
    Check that the fields that you decide by are there, and answer 4xx if they are not.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook arrives without transaction_status and amount
    Then it is answered, and with no 5xx
    Then nothing is credited
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

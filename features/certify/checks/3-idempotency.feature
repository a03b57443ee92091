Feature: idempotency

  @duplicate @points:3
  Scenario: a webhook that arrives twice is credited once
    Credit in one transaction that also stores that this transaction_id was credited, and credit nothing if it was.

    Given a payment whose webhook is sent twice
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    Then the order is credited <amount>, once

  @duplicate-at-once @points:3
  Scenario: a webhook that arrives many times at the same time is credited once
    Reading and then writing is a race: lock the order's row, or let a unique key on transaction_id decide.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When the same webhook arrives 8 times at the same time
    Then the order is credited <amount>, once
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

  @resent-later @points:3
  Scenario: a webhook that is sent again days later is credited once
    Credit in one transaction that also stores that this transaction_id was credited, and credit nothing if it was.

    Given a payment that is approved
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    Then the order is credited <amount>, once
    And 3 days pass
    When the webhook is sent again
    Then the order is credited <amount>, once

  @lost-then-retried @points:3
  Scenario: a webhook that is lost on the way is credited when it is sent again
    Accept a webhook whenever it comes; don't fail an order because none came at first.

    Given a payment that is approved
    When the shop starts a <payment>
    And nothing is credited yet
    And its webhook is lost on the way, once
    And the webhook is sent
    Then nothing is credited
    And 5 minutes pass
    Then the order is credited <amount>, once

  @answer-lost-then-retried @points:3
  Scenario: a webhook whose acknowledgement is lost, or was a 5xx, is sent again and credited once
    Credit in one transaction that also stores that this transaction_id was credited, and credit nothing if it was.

    Given a payment that is approved
    When the shop starts a <payment>
    And nothing is credited yet
    And the merchant's answer to its webhook is lost, once
    And 5 minutes pass
    Then the order is credited <amount>, once

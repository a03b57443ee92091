Feature: cashier failures

  @slow-answer @points:1 @once
  Scenario: a slow answer is waited for, and the payment credited once
    Give the call more time than providers take, and store the order before it.

    Given a start hook
    Given a cashier that takes <slowAnswer>
    And the simulator's clock is the real time
    When the shop starts a <payment>
    And the simulator's clock is manual again
    And nothing is credited yet
    And 2 hours pass
    Then the order is credited <amount>, once

  @answer-lost @points:3 @for:immediate
  Scenario: a payment whose API answer was lost is credited when its webhook comes
    Store the order before the call; if the call fails leave it pending, and let the webhook find it by merchantReference.

    Given a payment whose answer is lost
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    Then the order is credited <amount>, once

  @timeout-but-paid @points:3 @for:immediate
  Scenario: a payment whose call ended in PSP_TIMEOUT is credited when its webhook comes after all
    Store the order before the call; if the call fails leave it pending, and let the webhook find it by merchantReference.

    Given a payment whose call ends in PSP_TIMEOUT but that is approved
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    Then the order is credited <amount>, once

  @cashier-fails @points:3 @for:open
  Scenario: a call that fails credits nothing, and the shop's hook still answers
    Tell the shopper that it did not work; credit nothing.

    Given a cashier that answers 500
    When the shop starts a <payment>
    And the hook answers
    Then nothing is credited

  @retry-credits-once @points:3 @for:immediate
  Scenario: a payment that is started again after a 500 is credited once
    A retry makes a second transaction: keep both transactionIds with the order, and credit the order once.

    Given a start hook
    Given a cashier that answers 500
    When the shop starts a <payment>
    And nothing is credited yet
    Given and then works
    When the shop starts a <payment>
    And 1 minute passes
    Then the order is credited <amount>, once

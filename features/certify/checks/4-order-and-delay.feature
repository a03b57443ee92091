Feature: order and delay

  @reversed @points:3
  Scenario: Pending that arrives after Approved reverses nothing
    An order that is credited stays credited, whatever older webhooks arrive later.

    Given a payment whose Approved arrives before its Pending
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    Then the order is credited <amount>, once

  @late @points:3
  Scenario: a webhook that takes three days is credited when it comes
    Keep orders pending until the webhook comes; don't let them time out into a state that Approved can't change.

    Given a payment whose webhook takes three days
    When the shop starts a <payment>
    And nothing is credited yet
    And 2 days pass
    Then nothing is credited
    And 2 days pass
    Then the order is credited <amount>, once

  @before-answer @points:3 @refusable @for:immediate
  Scenario: a webhook that arrives before the API's answer is credited, then or when it is sent again
    Store the order before the call and find it by merchantReference, or answer an unknown transaction with a 4xx or 5xx, so that it is sent again; never hold a lock during the call.

    Given a payment whose webhook arrives before the API's answer
    When the shop starts a <payment>
    And 5 minutes pass
    Then the order is credited <amount>, once

  @approved-after-declined @points:3 @for:TRUST,FORUMPAY
  Scenario: Approved after Declined is credited, where the provider can do that
    A declined card shows the form again (Trust), coins may arrive late (ForumPay): Declined is not final there.

    Given a payment that is declined first and approved ten minutes later
    When the shop starts a <payment>
    And nothing is credited yet
    And 5 minutes pass
    Then nothing is credited
    And 10 minutes pass
    Then the order is credited <amount>, once

  @stale-decline @points:3 @for:TRUST
  Scenario: Declined of the first card that arrives after Approved of the second reverses nothing
    An order that is credited stays credited, whatever older webhooks arrive later.

    Given a payment whose Approved arrives before the Declined of an earlier card
    When the shop starts a <payment>
    And nothing is credited yet
    And 5 minutes pass
    Then the order is credited <amount>, once

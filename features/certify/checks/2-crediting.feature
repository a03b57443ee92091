Feature: crediting

  @not-on-answer @points:3 @for:open
  Scenario: nothing is credited on the API's answer
    The answer to the call means that it was accepted, not that it was paid; wait for the webhook.

    Given a shopper who takes an hour
    When the shop starts a <payment>
    Then nothing is credited

  @not-on-return @points:3 @for:returns-and-notifies
  Scenario: nothing is credited because the shopper comes back
    Anybody can open the return URL; show "we are checking" and wait for the webhook.

    Given a shopper who is back before the webhook
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    And the shopper's browser comes back to the success page
    Then nothing is credited
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

  @not-on-return @points:3 @for:returns
  Scenario: nothing is credited because the shopper comes back
    Anybody can open the return URL; show "we are checking" and wait for the webhook.

    Given a shopper who is back before the webhook
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    And the shopper's browser comes back to the success page
    Then nothing is credited

  @failed-return @points:3 @for:returns-and-notifies
  Scenario: a return to the failure page decides nothing: a payment that is approved is credited
    A return proves nothing either way; let only the webhook's transaction_status change the order.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 minute passes
    And the shopper's browser comes back to the failure page
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

  @declined @points:3
  Scenario: a payment that is declined credits nothing, and the order fails
    Let transaction_status Declined fail the order.

    Given a payment that is declined
    When the shop starts a <payment>
    And nothing is credited yet
    And 5 minutes pass
    Then nothing is credited
    And the order is failed

  @cancelled @points:3 @for:returns-and-notifies
  Scenario: a payment that the shopper cancels credits nothing, and the order fails
    A cancelled payment has transaction_status Declined, and the provider's own word in status.

    Given a shopper who cancels
    When the shop starts a <payment>
    And nothing is credited yet
    And 1 hour passes
    Then nothing is credited
    And the order is failed

  @expired @points:3 @for:returns-and-notifies
  Scenario: a payment that expires credits nothing, and the order fails
    An expired payment has transaction_status Declined, and the provider's own word in status.

    Given a shopper who does nothing
    When the shop starts a <payment>
    And nothing is credited yet
    And 12 hours pass
    And the provider reports that it expired
    Then nothing is credited
    And the order is failed

  @raw-status @points:3
  Scenario: a webhook with a successful status but transaction_status Declined credits nothing
    Use transaction_status for logic; status is the provider's own word and not normalized.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook has transaction_status Declined, and the provider's word for success
    Then nothing is credited

  @raw-word @points:3
  Scenario: a webhook with an unknown status but transaction_status Approved is credited
    Use transaction_status for logic; status is the provider's own word and not normalized.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook has transaction_status Approved, and an unknown word of the provider
    Then the order is credited <amount>, once

  @pending-webhook @points:3
  Scenario: a webhook with transaction_status Pending credits nothing, and Approved after it does
    Credit on transaction_status Approved only: Pending says that the provider still waits.

    Given a payment of which Pending is reported ten minutes before Approved
    When the shop starts a <payment>
    And nothing is credited yet
    And 5 minutes pass
    Then nothing is credited
    And 10 minutes pass
    Then the order is credited <amount>, once

  @unknown-status @points:3
  Scenario: a webhook with an unknown transaction_status credits nothing, and Approved after it does
    Credit on Approved only; leave the order as it is on a word that you don't know.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook has transaction_status OnHold
    Then nothing is credited
    When the payment's own webhook arrives
    Then the order is credited <amount>, once

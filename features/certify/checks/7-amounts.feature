Feature: amounts

  @amount-mismatch @points:3
  Scenario: a webhook with another amount than the order's credits nothing
    Compare amount and currency with the order's, as decimals; credit nothing if they differ, and alert a person.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook has Approved with a hundredth of the amount
    Then nothing is credited

  @currency-mismatch @points:3 @for:currency
  Scenario: a webhook with another currency than the order's credits nothing
    Compare amount and currency with the order's, as decimals; credit nothing if they differ, and alert a person.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook has Approved in <otherCurrency>
    Then nothing is credited

  @underpaid @points:3 @for:FORUMPAY
  Scenario: an underpayment is not final and credits nothing
    underpayment has transaction_status Pending: leave the order pending.

    Given a shopper who pays too little
    When the shop starts a <payment>
    And nothing is credited yet
    And 10 minutes pass
    Then nothing is credited
    And the order is pending
    And 1 hour passes
    Then nothing is credited

  @topped-up @points:3 @for:FORUMPAY
  Scenario: an underpayment that is topped up is credited once, when it is confirmed
    Several Pending webhooks before Approved are usual; credit on Approved only.

    Given a shopper who pays too little, and the rest five minutes later
    When the shop starts a <payment>
    And nothing is credited yet
    And 10 minutes pass
    Then nothing is credited
    And 10 minutes pass
    Then the order is credited <amount>, once

@rule:live-cards
Feature: A card that could be somebody's is refused
  It is not documented what the Sandbox does with a live card number. The simulator never wants to see one: what passes the
  check digit and is no published test number is refused and kept nowhere.

  @control
  Scenario: In a call
    Given a valid EMERCHANTPAY PAYIN request with:
      | card.pan | 4000000000000002 |
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the company has 0 payments

  @control
  Scenario: On a page
    Given a TRUST PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    And the shopper sends the page's form:
      | do     | card             |
      | number | 4000000000000002 |
      | expiry | 12/30            |
      | cvv    | 123              |
      | name   | Jane Doe         |
    Then the page shows "card"
    And the page offers "error-number"
    And the payment is "Pending"

  @control
  Scenario: A published test number is taken
    Given a valid EMERCHANTPAY PAYIN request with:
      | card.pan | 4200000000000000 |
    When the merchant sends it
    Then the answer is a success

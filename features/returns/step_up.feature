@rule:page-step-up
Feature: What a step-up asks for
  Which test cards lead to a step-up is the providers' own; what the shopper then sees is not documented. We show a page
  that asks for a code, after the test cards that say so and, at Worldpay, the name 3DS on the card.

  @control
  Scenario Outline: <psp>, <case>
    Given a <psp> PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    And the shopper sends the page's form:
      | do     | card     |
      | number | <number> |
      | expiry | 12/30    |
      | cvv    | 123      |
      | name   | <name>   |
    Then the page shows "challenge"
    And the page offers "otp"
    And the shopper sends the page's form:
      | do  | otp    |
      | otp | 000000 |
    Then the page shows "challenge"
    And the page offers "error-otp"
    And the shopper sends the page's form:
      | do  | otp    |
      | otp | 123456 |
    Then the payment is "Approved"

    Examples:
      | psp         | case                     | number           | name     |
      | TRUST       | a test card that says so | 4900490000000501 | Jane Doe |
      | WORLDPAY_EU | a name that says so      | 4444333322221111 | 3DS      |

  @control
  Scenario: Any other test card is paid at once
    Given a TRUST PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    And the shopper sends the page's form:
      | do     | card             |
      | number | 4111111111111111 |
      | expiry | 12/30            |
      | cvv    | 123              |
      | name   | Jane Doe         |
    Then the page shows "used"
    And the payment is "Approved"

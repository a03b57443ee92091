@rule:page-banks
Feature: Which banks the bank pages offer
  What shoppers see at the bank providers' pages is not documented. We offer a test bank that pays, and one for each
  reason for declining.

  @control
  Scenario Outline: <psp>'s banks
    Given a <psp> PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    Then the page shows "choose"
    And the page offers "bank-success"
    And the page offers "bank-<one>"
    And the page offers "bank-<another>"

    Examples:
      | psp     | one                | another            |
      | PAYONE  | insufficient_funds | bank_unavailable   |
      | CLEO    | limit_exceeded     | insufficient_funds |
      | GIGADAT | STATUS_REJECTED    | STATUS_FAILED      |
      | BRITE   | psu_no_funds       | generic_bank_error |

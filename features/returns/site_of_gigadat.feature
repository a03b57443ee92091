@rule:GigadatConfiguration.siteUrl
Feature: Gigadat's configuration may name the shop's site
  Gigadat's configuration, as it is documented, has no address for shoppers who come back from the bank. We take siteUrl
  and do without.

  @control
  Scenario: With a site the shopper returns to it
    Given the company's GIGADAT configuration has:
      | siteUrl | https://other.example |
    And a GIGADAT PAYIN payment
    When the shopper cancels
    And the shopper goes back to the shop
    Then the shopper lands on "https://other.example/payment/failure"

  @control
  Scenario: Without one the payment works, and the shopper stays
    Given the company's GIGADAT configuration has no "siteUrl"
    And a GIGADAT PAYIN payment
    When the shopper cancels
    And the shopper opens the provider's page
    Then the page shows "decided"
    And the page offers "no-return"

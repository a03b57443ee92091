@assumes:BriteConfiguration.siteUrl
Feature: Brite's configuration may name the shop's site
  Where Brite's page sends shoppers back to is not public, nor where that would be set. We take siteUrl and do without.

  @control
  Scenario: With a site the shopper returns to it
    Given the company's BRITE configuration has:
      | siteUrl | https://other.example |
    And a BRITE PAYIN payment
    When the shopper cancels
    And the shopper goes back to the shop
    Then the shopper lands on "https://other.example/payment/failure"

  @control
  Scenario: Without one the payment works, and the shopper stays
    Given the company's BRITE configuration has no "siteUrl"
    And a BRITE PAYIN payment
    When the shopper cancels
    And the shopper opens the provider's page
    Then the page shows "decided"
    And the page offers "no-return"

@rule:CleoConfiguration.siteUrl
Feature: Cleo's configuration may name the shop's site
  Cleo's configuration has keys for three countries and no address for the way back. We take siteUrl and do without.

  @control
  Scenario: With a site the shopper returns to it
    Given the company's CLEO configuration has:
      | siteUrl | https://other.example |
    And a CLEO PAYIN payment
    When the shopper cancels
    And the shopper goes back to the shop
    Then the shopper lands on "https://other.example/payment/failure"

  @control
  Scenario: Without one the payment works, and the shopper stays
    Given the company's CLEO configuration has no "siteUrl"
    And a CLEO PAYIN payment
    When the shopper cancels
    And the shopper opens the provider's page
    Then the page shows "decided"
    And the page offers "no-return"

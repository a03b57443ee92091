@rule:ForumpayConfiguration.siteUrl
Feature: ForumPay's configuration may name the shop's site
  Among the fields of ForumPay's configuration none says where shoppers return to, though a shopper on
  its page has to go somewhere. We take siteUrl, as other providers have it, and do without.

  @control
  Scenario: With a site the shopper returns to it
    Given the company's FORUMPAY configuration has:
      | siteUrl | https://other.example |
    And a FORUMPAY PAYIN payment
    When the shopper cancels
    And the shopper goes back to the shop
    Then the shopper lands on "https://other.example/payment/failure"

  @control
  Scenario: Without one the payment works, and the shopper stays
    Given the company's FORUMPAY configuration has no "siteUrl"
    And a FORUMPAY PAYIN payment
    When the shopper cancels
    And the shopper opens the provider's page
    Then the page shows "decided"
    And the page offers "no-return"

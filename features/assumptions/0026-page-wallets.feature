@assumes:page-wallets
Feature: The wallets on Worldpay's page
  That Worldpay's page has Apple Pay and Google Pay is documented; a simulator can't have the real ones. Ours are test
  doubles that always pay.

  @control
  Scenario Outline: <wallet> pays
    Given a WORLDPAY_EU PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    Then the page offers "<wallet>"
    When the shopper sends the page's form:
      | do     | wallet   |
      | wallet | <wallet> |
    Then the page shows "wallet"
    And the page offers "wallet-pay"
    When the shopper sends the page's form:
      | do | approve |
    Then the page shows "decided"
    And the payment is "Approved"

    Examples:
      | wallet     |
      | apple-pay  |
      | google-pay |

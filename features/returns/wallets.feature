@rule:page-wallets
Feature: The wallets on Worldpay's and Trust's page
  That the pages have Apple Pay and Google Pay is documented; a simulator can't have the real ones. Ours are test doubles that
  always pay.

  @control
  Scenario Outline: <wallet> pays at <psp>
    Given a <psp> PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    Then the page offers "<wallet>"
    And the shopper sends the page's form:
      | do     | wallet   |
      | wallet | <wallet> |
    Then the page shows "wallet"
    And the page offers "wallet-pay"
    And the shopper sends the page's form:
      | do | approve |
    Then the page shows "<end>"
    And the payment is "Approved"

    Examples:
      | psp         | wallet     | end     |
      | WORLDPAY_EU | apple-pay  | decided |
      | WORLDPAY_EU | google-pay | decided |
      | TRUST       | apple-pay  | used    |
      | TRUST       | google-pay | used    |

@assumes:crypto-coins
Feature: Which coins ForumPay's page takes
  The sandbox's btc- addresses are public; which other coins there are, and what they are worth there, is not. We offer
  BTC, ETH and USDT at made-up rates, with addresses that begin with the coin's name.

  @control
  Scenario Outline: Paying in <coin>
    Given a FORUMPAY PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page at "coin=<coin>"
    Then the page shows "invoice"
    And the page offers "coin-<coin>"
    And the page's "crypto-address" contains "<prefix>"
    And the page's "crypto-amount" contains "<coin>"

    Examples:
      | coin | prefix |
      | BTC  | btc-   |
      | ETH  | eth-   |
      | USDT | usdt-  |

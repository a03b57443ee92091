@assumes:ForumpayCrypto
Feature: What a crypto currency is called
  The one sample asks for BTC; no page lists the other coins. We take whatever looks like a coin's code, two to ten
  capital letters or digits, and leave it to the provider whether it pays in it.

  @sandbox
  Scenario Outline: <coin> could be one
    Given a valid FORUMPAY PAYOUT request with:
      | preferredCrypto | <coin> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | coin  |
      | BTC   |
      | 1INCH |

  @sandbox
  Scenario Outline: <coin> is no known coin
    Given a valid FORUMPAY PAYOUT request with:
      | preferredCrypto | <coin> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "preferredCrypto must be a crypto currency code such as BTC"

    Examples:
      | coin         |
      | btc          |
      | B            |
      | BITCOINCASHX |

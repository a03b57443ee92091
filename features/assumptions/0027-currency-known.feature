@assumes:currency-known
Feature: Currencies that exist
  That a currency is given is documented, which ones are known is not. We take the active codes of ISO 4217, in capital
  letters; three letters that are no currency, or no longer one, are refused.

  @sandbox
  Scenario: An active code
    Given a valid TRUST PAYIN request with:
      | currency | SEK |
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario Outline: <code> is no currency
    Given a valid TRUST PAYIN request with:
      | currency | <code> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be an active ISO 4217 currency code"

    Examples:
      | code |
      | ABC  |
      | DEM  |

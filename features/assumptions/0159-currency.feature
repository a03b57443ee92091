@assumes:Currency
Feature: How a currency is written
  The pages say that a currency is sent, and show codes; not that anything else is refused. We want an active code of
  ISO 4217, in capital letters; three letters that are no currency, or no longer one, are refused.

  @sandbox
  Scenario: A code
    Given a valid WORLDPAY_EU PAYIN request with:
      | currency | CHF |
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario Outline: <currency> is no currency
    Given a valid WORLDPAY_EU PAYIN request with:
      | currency | <currency> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be an active ISO 4217 currency code"

    Examples:
      | currency |
      | eur      |
      | EURO     |
      | €        |
      | ABC      |
      | DEM      |

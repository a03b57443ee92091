@assumes:amount-decimals
Feature: How many digits an amount may have
  Webhooks show amounts with two decimals; how many a call may have is not documented. We take at most twelve digits
  before the point and as many after it as the currency has, two for most.

  @sandbox
  Scenario Outline: <amount> <currency> is an amount
    Given a valid TRUST PAYIN request with:
      | baseamount | <amount>   |
      | currency   | <currency> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | amount          | currency |
      | 0.01            | GBP      |
      | 999999999999.99 | GBP      |
      | 1.005           | KWD      |

  @sandbox
  Scenario Outline: <amount> <currency> is no currency
    Given a valid TRUST PAYIN request with:
      | baseamount | <amount>   |
      | currency   | <currency> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "baseamount must have <what>"

    Examples:
      | amount        | currency | what                               |
      | 0.001         | GBP      | at most 2 decimals                 |
      | 1000000000000 | GBP      | at most 12 digits before the point |
      | 1.0005        | KWD      | at most 3 decimals                 |

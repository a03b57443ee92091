@assumes:BaseAmount
Feature: An amount is more than nothing
  That an amount is a number is documented; whether it may be zero, or less, is not. We want it above zero.

  @sandbox
  Scenario: A cent will do
    Given a valid TRUST PAYIN request with:
      | baseamount | 0.01 |
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario Outline: <amount> will not
    Given a valid TRUST PAYIN request with:
      | baseamount | <amount> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "baseamount must be greater than 0"

    Examples:
      | amount |
      | 0      |
      | 0.00   |
      | -10    |

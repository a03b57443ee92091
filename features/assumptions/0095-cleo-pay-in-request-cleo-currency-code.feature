@assumes:CleoPayInRequest/cleo-currency-code
Feature: A Cleo pay-in says its currency twice, and the same
  Cleo requires currency and currencyCode, and no page says how the two hang together. We want them to be equal.

  @sandbox
  Scenario: Two different ones
    Given a valid CLEO PAYIN request with:
      | countryCode  | PE  |
      | currency     | PEN |
      | currencyCode | MXN |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currencyCode must equal currency"
    And the request's "currencyCode" is "PEN"
    And the merchant sends it
    Then the answer is a success

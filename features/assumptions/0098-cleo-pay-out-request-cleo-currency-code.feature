@assumes:CleoPayOutRequest/cleo-currency-code
Feature: A Cleo pay-out says its currency twice, and the same
  A pay-out, too, says its currency twice, and no page documents what happens when the two differ. We want
  them to be equal.

  @sandbox
  Scenario: Two different ones
    Given a valid CLEO PAYOUT request with:
      | countryCode  | PE  |
      | currency     | PEN |
      | currencyCode | MXN |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currencyCode must equal currency"
    And the request's "currencyCode" is "PEN"
    And the merchant sends it
    Then the answer is a success

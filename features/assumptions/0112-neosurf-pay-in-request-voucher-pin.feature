@assumes:NeosurfPayInRequest.voucherPin
Feature: Neosurf's voucher PIN
  The merchant's own form takes the PIN, says the page, and lists no field for it. We call it voucherPin, ten letters or
  digits, and do without.

  @sandbox
  Scenario: It may lack; nine characters are none
    Given a valid NEOSURF PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "voucherPin" is "ABCDE1234"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "voucherPin must be 10 letters or digits"

  @control
  Scenario: Ten characters
    Given a valid NEOSURF PAYIN request with:
      | voucherPin | SIMNEO0001 |
    When the merchant sends it
    Then the answer is a success

@assumes:WorldpayPayInRequest.bonusCode
Feature: A Worldpay pay-in takes a bonus code
  Cleo's table, which is much like Worldpay's, ends with a bonus code; Worldpay's is cut off. We accept it here too.

  @sandbox
  Scenario: It is optional, and must be text, not a number
    Given a valid WORLDPAY_EU PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "bonusCode" is "WELCOME10"
    And the merchant sends it
    Then the answer is a success
    And the request's "bonusCode" is "json:10"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "bonusCode must be a string"

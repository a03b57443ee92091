@assumes:WorldpayPayInRequest.brandId
Feature: A Worldpay pay-in may name a brand
  The end of Worldpay's table, where a brandId would stand, is cut off. We accept one, as most providers do.

  @sandbox
  Scenario: It is optional, and must be text, not a number
    Given a valid WORLDPAY_EU PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "gold"
    And the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "brandId must be a string"

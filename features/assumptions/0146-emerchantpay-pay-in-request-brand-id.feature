@assumes:EmerchantpayPayInRequest.brandId
Feature: An eMerchantPay pay-in may name a brand
  eMerchantPay's table has no brandId, and so leaves open how a merchant with several brands pays by it. We accept one.

  @sandbox
  Scenario: It is optional, and must be text, not a number
    Given a valid EMERCHANTPAY PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "gold"
    And the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "brandId must be a string"

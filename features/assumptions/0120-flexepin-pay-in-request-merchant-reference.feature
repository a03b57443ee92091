@assumes:FlexepinPayInRequest.merchantReference
Feature: A Flexepin pay-in takes the merchant's reference
  merchantReference is not listed for Flexepin. As its answer is all that a merchant ever gets, we take the reference
  and tell it there.

  @control
  Scenario: It is optional, is echoed, and must be text
    Given a valid FLEXEPIN PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "merchantReference" is "order-{unique}"
    And the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"
    And the request's "merchantReference" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "merchantReference must be a string"

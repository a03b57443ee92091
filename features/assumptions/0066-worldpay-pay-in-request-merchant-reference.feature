@assumes:WorldpayPayInRequest.merchantReference
Feature: A Worldpay pay-in takes the merchant's reference
  As far as Worldpay's table goes, it has no merchantReference. We take it, and tell it again in answer and webhook.

  @sandbox
  Scenario: It is optional, is echoed, and must be text
    Given a valid WORLDPAY_EU PAYIN request
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

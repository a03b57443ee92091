@assumes:ForumpayPayInRequest.merchantReference
Feature: A ForumPay pay-in takes the merchant's reference
  ForumPay's table of a pay-in has no merchantReference, other providers' tables do. We take it here too, and tell it
  again in the answer.

  @sandbox
  Scenario: It is optional, is echoed, and must be text
    Given a valid FORUMPAY PAYIN request
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

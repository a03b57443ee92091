@assumes:ForumpayPayOutRequest.merchantReference
Feature: A ForumPay pay-out takes the merchant's reference
  The table of ForumPay's pay-out does not list merchantReference, while its answer shows one. We take it from the call.

  @sandbox
  Scenario: It is optional, is echoed, and must be text
    Given a valid FORUMPAY PAYOUT request
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

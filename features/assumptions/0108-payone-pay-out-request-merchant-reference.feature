@assumes:PayonePayOutRequest.merchantReference
Feature: A Payone pay-out takes the merchant's reference
  Payone's pay-out has the same table as its pay-in, without merchantReference. We take it there as well.

  @sandbox
  Scenario: It is optional, is echoed, and must be text
    Given a valid PAYONE PAYOUT request
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

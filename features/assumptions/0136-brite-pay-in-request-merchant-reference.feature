@assumes:BritePayInRequest.merchantReference
Feature: A Brite pay-in takes the merchant's reference
  Brite sends no webhook, so a reference could only come back in the answer; whether it does is not public. We take it
  and tell it there.

  @sandbox
  Scenario: It is optional, and must have the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "merchantReference" is "order-7"
    And the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"
    And the request's "merchantReference" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "merchantReference must be a string"

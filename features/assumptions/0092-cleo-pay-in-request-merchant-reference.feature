@assumes:CleoPayInRequest.merchantReference
Feature: A Cleo pay-in takes the merchant's reference
  Cleo's table has no merchantReference, and a merchant without one must match by Mozarto's id alone. We take it.

  @sandbox
  Scenario: It is optional, is echoed, and must be text
    Given a valid CLEO PAYIN request
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

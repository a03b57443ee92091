@assumes:BritePayInRequest.currency
Feature: A Brite pay-in says in which currency
  In which currencies Brite is paid is not public. We require the code of one, and take any.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "currency" is "euro"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be an active ISO 4217 currency code"
    And the request has no "currency"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: currency"

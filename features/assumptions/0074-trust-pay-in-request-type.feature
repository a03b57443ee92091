@assumes:TrustPayInRequest.type
Feature: A Trust call says that it is a pay-in
  Trust has pay-ins only, and its page does not say whether type may then be left out. We require it all the same.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "type" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "type must be a string"
    And the request has no "type"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: type"

@assumes:TrustPayInRequest.isTestMode
Feature: A Trust call takes isTestMode
  Trust's table is without isTestMode, which other samples carry. We accept it and do nothing about it.

  @sandbox
  Scenario: It is optional, and must be a boolean, not text
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "isTestMode" is "true"
    And the merchant sends it
    Then the answer is a success
    And the request has:
      | isTestMode | json:"yes" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "isTestMode must be a boolean"

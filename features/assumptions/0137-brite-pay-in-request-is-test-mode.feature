@assumes:BritePayInRequest.isTestMode
Feature: A Brite pay-in takes isTestMode
  isTestMode is unexplained where it is shown, and for Brite nothing is shown. We accept it and do nothing about it.

  @sandbox
  Scenario: It is optional, and must have the right form
    Given a valid BRITE PAYIN request
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

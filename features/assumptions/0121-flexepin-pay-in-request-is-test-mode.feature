@assumes:FlexepinPayInRequest.isTestMode
Feature: A Flexepin pay-in takes isTestMode
  isTestMode is not listed for Flexepin either. We accept it and do nothing about it.

  @control
  Scenario: It is optional, and must be a boolean, not text
    Given a valid FLEXEPIN PAYIN request
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

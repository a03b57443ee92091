@assumes:GigadatPayOutEtoRequest.isTestMode
Feature: A pay-out by e-transfer takes isTestMode
  What isTestMode is for is not known, and the pay-out's sample is without it. We accept it and do nothing about it.

  @sandbox
  Scenario: It is optional, and must be a boolean, not text
    Given a valid GIGADAT PAYOUT ETO request
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

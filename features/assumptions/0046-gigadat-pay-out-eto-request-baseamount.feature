@assumes:GigadatPayOutEtoRequest.baseamount
Feature: A pay-out by e-transfer says how much
  The amount of a pay-out is in the sample, without a word on whether it is required or how small it may be. We require
  it, above zero.

  @sandbox
  Scenario: It is needed, and positive
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "baseamount" is "json:-5.00"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "baseamount must be greater than 0"
    And the request has no "baseamount"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: baseamount"

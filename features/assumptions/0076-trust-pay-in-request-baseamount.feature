@assumes:TrustPayInRequest.baseamount
Feature: A Trust call says how much
  How much is to be paid stands in Trust's sample, without the word required. We require it, above zero.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "baseamount" is "json:0"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "baseamount must be greater than 0"
    And the request has no "baseamount"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: baseamount"

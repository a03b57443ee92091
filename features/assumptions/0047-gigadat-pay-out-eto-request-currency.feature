@assumes:GigadatPayOutEtoRequest.currency
Feature: A pay-out by e-transfer is in Canadian dollars
  For a pay-in the currency may lack and must be CAD; for a pay-out the sample merely shows CAD. We require it here.

  @sandbox
  Scenario: It is needed, and is CAD
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "currency" is "USD"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be one of: CAD"
    And the request has no "currency"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: currency"

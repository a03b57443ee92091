@assumes:GigadatPayOutEtoRequest.name
Feature: A pay-out by e-transfer names its recipient
  The sample of a pay-out by e-transfer has a name; no table says that it must. We require it: a transfer goes to
  somebody.

  @sandbox
  Scenario: It is required, and must not be empty
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "name" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "name must not be empty"
    And the request has no "name"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: name"

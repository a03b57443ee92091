@assumes:BritePayInRequest.userId
Feature: A Brite pay-in names its user
  Whether Brite's call names a user is not public. We require it, as almost everywhere.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "userId" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userId must not be empty"
    And the request has no "userId"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: userId"

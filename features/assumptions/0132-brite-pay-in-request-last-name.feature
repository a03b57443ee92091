@assumes:BritePayInRequest.lastName
Feature: A Brite pay-in may have a last name
  The bank knows the shopper's name anyway; whether the call may tell it is not public. We take a last name, and do
  without.

  @sandbox
  Scenario: It is optional, and must have the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "lastName" is "Virtanen"
    And the merchant sends it
    Then the answer is a success
    And the request's "lastName" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "lastName must not be empty"

@assumes:BritePayInRequest.firstName
Feature: A Brite pay-in may have a first name
  Whether Brite wants to know the shopper's name is not public. We take a first name, and do without.

  @sandbox
  Scenario: It is optional, and must have the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "firstName" is "Mikko"
    And the merchant sends it
    Then the answer is a success
    And the request's "firstName" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "firstName must not be empty"

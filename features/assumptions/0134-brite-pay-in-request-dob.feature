@assumes:BritePayInRequest.dob
Feature: A Brite pay-in may have a date of birth
  Other providers ask for a date of birth; for Brite no page says so. We accept one and don't require it.

  @sandbox
  Scenario: It is optional, and must have the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "dob" is "1985-01-19"
    And the merchant sends it
    Then the answer is a success
    And the request's "dob" is "19.1.1985"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "dob must be a date written YYYY-MM-DD"

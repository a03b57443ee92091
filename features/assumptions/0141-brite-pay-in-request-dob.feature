@assumes:BritePayInRequest.dob
Feature: A Brite pay-in may have a date of birth
  A date of birth is asked for by other providers; of Brite nobody knows. We take one, and do without.

  @sandbox
  Scenario: May lack; otherwise it has its form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    Given the request's "dob" is "1985-01-19"
    When the merchant sends it
    Then the answer is a success
    Given the request's "dob" is "19.1.1985"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "dob must be a date written YYYY-MM-DD"

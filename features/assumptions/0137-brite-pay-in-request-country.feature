@assumes:BritePayInRequest.country
Feature: A Brite pay-in says in which country
  Open banking asks for the bank's country first; where Brite's call would say it is not public. We require the common
  country.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    Given the request's "country" is "Finland"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "country must be an ISO 3166 country code"
    Given the request has no "country"
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: country"

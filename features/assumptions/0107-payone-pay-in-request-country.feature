@assumes:PayonePayInRequest.country
Feature: A Payone pay-in takes a country
  The common country is not in Payone's table. We accept it and do not ask for it.

  @sandbox
  Scenario: It is optional, and must be a code, not a name
    Given a valid PAYONE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "country" is "CA"
    And the merchant sends it
    Then the answer is a success
    And the request's "country" is "Canada"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "country must be an ISO 3166 country code"

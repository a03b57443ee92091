@assumes:GigadatPayOutEtoRequest.country
Feature: A pay-out by e-transfer takes a country
  The sample of a pay-out names no country, which the common fields have. We accept one and do not ask for it.

  @sandbox
  Scenario: It is optional, and must be a code, not a name
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "country" is "CA"
    And the merchant sends it
    Then the answer is a success
    And the request's "country" is "Canada"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "country must be an ISO 3166 country code"

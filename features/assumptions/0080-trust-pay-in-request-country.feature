@assumes:TrustPayInRequest.country
Feature: A Trust call takes a country
  Trust's table has countryCode and not the common country. We accept both, and ask for neither.

  @sandbox
  Scenario: It is optional, and must be a code, not a name
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "country" is "CA"
    And the merchant sends it
    Then the answer is a success
    And the request's "country" is "Canada"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "country must be an ISO 3166 country code"

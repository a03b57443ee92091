@assumes:FlexepinPayInRequest.country
Feature: A Flexepin pay-in takes a country
  Flexepin's list has no country, which the common fields have. We accept it and do not ask for it.

  @control
  Scenario: It is optional, and must be a code, not a name
    Given a valid FLEXEPIN PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "country" is "CA"
    And the merchant sends it
    Then the answer is a success
    And the request's "country" is "Canada"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "country must be an ISO 3166 country code"

@assumes:PayonePayOutRequest.country
Feature: A Payone pay-out takes a country
  To which country a Payone pay-out goes is not asked in its table. We accept a country and leave it at that.

  @sandbox
  Scenario: It is optional, and must be a code, not a name
    Given a valid PAYONE PAYOUT request
    When the merchant sends it
    Then the answer is a success
    And the request's "country" is "CA"
    And the merchant sends it
    Then the answer is a success
    And the request's "country" is "Canada"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "country must be an ISO 3166 country code"

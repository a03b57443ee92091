@assumes:TrustPayInRequest.brandId
Feature: A Trust call may name a brand
  Trust's table of optional fields has no brandId, though a company's brands are not the provider's business. We accept
  it.

  @sandbox
  Scenario: It is optional, and must be text, not a number
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "gold"
    And the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "brandId must be a string"

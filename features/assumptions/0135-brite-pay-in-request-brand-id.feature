@assumes:BritePayInRequest.brandId
Feature: A Brite pay-in may name a brand
  brandId is common to most providers, and for Brite no list is public. We take it, and do without.

  @sandbox
  Scenario: It is optional, and must have the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "gold"
    And the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "brandId must be a string"

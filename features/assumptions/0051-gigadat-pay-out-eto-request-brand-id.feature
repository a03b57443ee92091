@assumes:GigadatPayOutEtoRequest.brandId
Feature: A pay-out by e-transfer may name a brand
  Brands are for pay-ins and pay-outs alike, one would think; the pay-out's sample has no brandId. We accept it.

  @sandbox
  Scenario: It is optional, and must be text, not a number
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "gold"
    And the merchant sends it
    Then the answer is a success
    And the request's "brandId" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "brandId must be a string"

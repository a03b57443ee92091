@assumes:GigadatPayInRequest.kycVerified
Feature: Gigadat's kycVerified is yes or no
  The field is in Gigadat's table without a type. We take Worldpay's: a boolean, which may lack here.

  @sandbox
  Scenario: It is optional, and must be a boolean, not text
    Given a valid GIGADAT PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "kycVerified" is "false"
    And the merchant sends it
    Then the answer is a success
    And the request has:
      | kycVerified | "true" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "kycVerified must be a boolean"

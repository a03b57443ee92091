@assumes:CleoPayInRequest.kycVerified
Feature: Cleo's kycVerified is yes or no
  Whether the shopper's identity is verified must be told to Cleo, whose table does not say how. We take Worldpay's way:
  true or false.

  @sandbox
  Scenario: It is required, in this form
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request has:
      | kycVerified | "true" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "kycVerified must be a boolean"
    And the request has no "kycVerified"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: kycVerified"

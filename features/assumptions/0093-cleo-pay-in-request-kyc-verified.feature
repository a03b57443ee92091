@assumes:CleoPayInRequest.kycVerified
Feature: Cleo's kycVerified is yes or no
  Cleo's table requires the field and gives no type. We take Worldpay's: a boolean.

  @sandbox
  Scenario: It is needed, in this form
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    Given the request has:
      | kycVerified | "true" |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "kycVerified must be a boolean"
    Given the request has no "kycVerified"
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: kycVerified"

@assumes:CleoPayInRequest.isVelocity
Feature: Cleo's isVelocity is yes or no
  Neither what isVelocity means nor how it is written is documented for Cleo. We take a boolean, as on Worldpay's page.

  @sandbox
  Scenario: It is required, in this form
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    Given the request has:
      | isVelocity | "false" |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "isVelocity must be a boolean"
    Given the request has no "isVelocity"
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: isVelocity"

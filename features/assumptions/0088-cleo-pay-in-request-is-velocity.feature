@assumes:CleoPayInRequest.isVelocity
Feature: Cleo's isVelocity is yes or no
  Neither what isVelocity means nor how it is written is documented for Cleo. We take a boolean, as on Worldpay's page.

  @sandbox
  Scenario: It is required, in this form
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request has:
      | isVelocity | "false" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "isVelocity must be a boolean"
    And the request has no "isVelocity"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: isVelocity"

@assumes:CleoPayInRequest.blocked
Feature: Cleo's blocked is yes or no
  How a shopper is said to be blocked is not documented for Cleo. We take true or false, as Worldpay does.

  @sandbox
  Scenario: It is required, in this form
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "blocked" is "json:0"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "blocked must be a boolean"
    And the request has no "blocked"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: blocked"

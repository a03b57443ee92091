@assumes:CleoPayInRequest.userBalance
Feature: Cleo's userBalance is a number
  Cleo wants the shopper's balance and does not say whether as number or text. We take a number, as on Worldpay's page.

  @sandbox
  Scenario: It is required, in this form
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request has:
      | userBalance | "250.50" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userBalance must be a number"
    And the request has no "userBalance"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: userBalance"

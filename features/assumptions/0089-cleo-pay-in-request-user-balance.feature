@assumes:CleoPayInRequest.userBalance
Feature: Cleo's userBalance is a number
  Cleo wants the shopper's balance and does not say whether as number or text. We take a number, as on Worldpay's page.

  @sandbox
  Scenario: It is required, in this form
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    Given the request has:
      | userBalance | "250.50" |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userBalance must be a number"
    Given the request has no "userBalance"
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: userBalance"

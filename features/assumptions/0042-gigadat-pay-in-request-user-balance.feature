@assumes:GigadatPayInRequest.userBalance
Feature: Gigadat's userBalance is a number
  The table names userBalance and gives no type. We take a number, as on Worldpay's page; it may lack here.

  @sandbox
  Scenario: May lack; a number, and no text
    Given a valid GIGADAT PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "userBalance" is "82.35"
    And the merchant sends it
    Then the answer is a success
    And the request has:
      | userBalance | "82.35" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userBalance must be a number"

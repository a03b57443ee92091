@assumes:GigadatPayOutEtoRequest.userId
Feature: A pay-out by e-transfer says whose it is
  A pay-in may do without userId. The pay-out's sample has it, and no page says whether it is optional. We require it,
  because webhooks carry it.

  @sandbox
  Scenario: It is required, and must not be empty
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "userId" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userId must not be empty"
    And the request has no "userId"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: userId"

@assumes:GigadatPayOutEtoRequest.mobile
Feature: A pay-out by e-transfer has a mobile number from anywhere
  The sample has a mobile number that is not North American, though pay-ins take no other. We require one and do not
  look at where it is from.

  @sandbox
  Scenario: It is required, and must not be empty
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "mobile" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "mobile must not be empty"
    And the request has no "mobile"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: mobile"

  @sandbox
  Scenario: Any number will do
    Given a valid GIGADAT PAYOUT ETO request with:
      | mobile | +447700900142 |
    When the merchant sends it
    Then the answer is a success

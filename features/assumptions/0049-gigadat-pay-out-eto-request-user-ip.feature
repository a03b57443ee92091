@assumes:GigadatPayOutEtoRequest.userIp
Feature: A pay-out by e-transfer says from where
  Whether a pay-out needs the shopper's address, as a pay-in does, is not said; the sample has it. We require it, in the
  same form.

  @sandbox
  Scenario: It is needed, and must be an address
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "userIp" is "somewhere"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userIp must be an IP address"
    And the request has no "userIp"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: userIp"

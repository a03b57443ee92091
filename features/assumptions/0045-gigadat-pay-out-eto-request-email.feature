@assumes:GigadatPayOutEtoRequest.email
Feature: A pay-out by e-transfer says to which e-mail address
  An e-transfer is sent by e-mail, and the sample shows an address; that it is required, and that its form is looked at,
  is written nowhere. We do both.

  @sandbox
  Scenario: It is needed, and must be an address
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "email" is "jane"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "email must be a valid email"
    And the request has no "email"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: email"

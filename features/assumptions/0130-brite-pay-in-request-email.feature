@assumes:BritePayInRequest.email
Feature: A Brite pay-in has an e-mail address
  Whether Brite needs the shopper's e-mail address is not public. We require it, as a common field.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "email" is "jane@"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "email must be a valid email"
    And the request has no "email"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: email"

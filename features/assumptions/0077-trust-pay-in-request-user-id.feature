@assumes:TrustPayInRequest.userId
Feature: A Trust call names its user
  Trust's sample has a userId, and the page does not tell whether a shopper must have one. We require it: the webhook
  names the user.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "userId" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userId must not be empty"
    And the request has no "userId"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: userId"

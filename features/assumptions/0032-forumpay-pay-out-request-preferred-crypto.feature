@assumes:ForumpayPayOutRequest.preferredCrypto
Feature: A ForumPay pay-out says in which coin
  The field is shown, not whether a pay-out can do without. We require it: no default coin would be right for every shopper.

  @sandbox
  Scenario: It is required, and must not be empty
    Given a valid FORUMPAY PAYOUT request
    When the merchant sends it
    Then the answer is a success
    And the request's "preferredCrypto" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "preferredCrypto must not be empty"
    And the request has no "preferredCrypto"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: preferredCrypto"

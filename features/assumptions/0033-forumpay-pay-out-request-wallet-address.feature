@assumes:ForumpayPayOutRequest.walletAddress
Feature: A ForumPay pay-out says to which wallet
  The field is shown, not whether it must be there or how long an address may be. We require it, with at most 128
  characters.

  @sandbox
  Scenario: It is required, and must not be empty
    Given a valid FORUMPAY PAYOUT request
    When the merchant sends it
    Then the answer is a success
    And the request's "walletAddress" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "walletAddress must not be empty"
    And the request has no "walletAddress"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: walletAddress"

  @sandbox
  Scenario Outline: An address of <n> characters
    Given a valid FORUMPAY PAYOUT request with:
      | walletAddress | <address> |
    When the merchant sends it
    Then the answer has the HTTP status <http>

    Examples:
      | n   | http | address                                                                                                                           |
      | 128 | 200  | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  |
      | 129 | 400  | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa |

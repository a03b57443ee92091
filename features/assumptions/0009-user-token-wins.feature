@assumes:user-token-wins
Feature: Of two user headers x-user-token counts
  The pages name two headers that tell who the shopper is, and not what happens when a call carries both. We go by
  x-user-token and leave the other one alone: verify-user is not called for its session.

  @control @webhook
  Scenario: The session is not even looked at
    Given a valid PAYONE PAYIN request
    And the session token "session-of-nobody"
    And verify-user answers 403
    And a user token with:
      | userId | user-1001 |
    When the merchant sends it
    Then the answer is a success
    And verify-user was asked 0 times

  @sandbox
  Scenario: Nor does it help a token that lacks something
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    And a user token without "email"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"

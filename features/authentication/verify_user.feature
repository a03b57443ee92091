@control @webhook
Feature: The merchant confirms the shopper
  With x-user-authorization the vendor calls the merchant's verify-user, server to server, and forwards the session token as
  Authorization. What the merchant answers decides.

  Scenario: The merchant is asked, and the payment is made
    Given a valid PAYONE PAYIN request with:
      | userId | user-1001 |
    And the session token "session-of-jane"
    When the merchant sends it
    Then the answer is a success
    And verify-user was asked:
      | Authorization | Bearer session-of-jane |
      | userId        | user-1001              |
    And verify-user was asked 1 time

  Scenario: The fields may stand under data
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    And verify-user answers 200 with:
      """
      {"status": "success", "data": {"userId": "user-1001", "email": "jane.doe@example.com", "phone": "4165550123"}}
      """
    When the merchant sends it
    Then the answer is a success

  Scenario Outline: An answer of <status> refuses the shopper
    Given a valid PAYONE PAYIN request
    And the session token "session-of-nobody"
    And verify-user answers <status>
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"
    And the company has 0 payments

    Examples:
      | status |
      | 401    |
      | 403    |
      | 404    |

  Scenario Outline: An answer of <status> is a failure, not a refusal
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    And verify-user answers <status>
    When the merchant sends it
    Then the answer is the error 500 "Internal server error"

    Examples:
      | status |
      | 400    |
      | 500    |
      | 503    |

  Scenario: An answer that is no JSON object is a failure too
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    And verify-user answers 200 with:
      """
      it is her
      """
    When the merchant sends it
    Then the answer is the error 500 "Internal server error"

  Scenario: Nothing is remembered: each call asks again
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    When the merchant sends it 2 times
    Then verify-user was asked 2 times

  Scenario: With both headers the shopper's own token counts, and verify-user is not called
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    And a user token with:
      | userId | user-1001 |
    When the merchant sends it
    Then the answer is a success
    And verify-user was asked 0 times

@assumes:verify-user-answers
Feature: What the answers of verify-user lead to
  That the vendor calls the merchant's verify-user is documented; what it makes of the answers is not. We take a 200
  with a JSON object as a yes, 401, 403 and 404 as a no (401 for the caller), and everything else as a failure (500).
  Each call asks again.

  @control @webhook
  Scenario Outline: An answer of <status> leads to <http>
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    And verify-user answers <status>
    When the merchant sends it
    Then the answer has the HTTP status <http>
    And verify-user was asked 1 time

    Examples:
      | status | http |
      | 200    | 200  |
      | 401    | 401  |
      | 403    | 401  |
      | 404    | 401  |
      | 400    | 500  |
      | 503    | 500  |

  @control @webhook
  Scenario: A 200 that is no JSON object
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    And verify-user answers 200 with:
      """
      ["user-1001"]
      """
    When the merchant sends it
    Then the answer is the error 500 "Internal server error"

  @control @webhook
  Scenario: Each call asks again
    Given a valid PAYONE PAYIN request
    And the session token "session-of-jane"
    When the merchant sends it 2 times
    Then verify-user was asked 2 times

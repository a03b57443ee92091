Feature: The company's token
  Every call carries Authorization: Bearer and the company JWT. Whoever can't show a valid one is told nothing but
  Unauthorized.

  @sandbox
  Scenario: Without a token nothing happens
    Given a valid PAYONE PAYIN request
    And no company token
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"
    And the answer lists no errors
    And the answer holds against the contract

  @sandbox
  Scenario Outline: A <kind> token is refused
    Given a valid PAYONE PAYIN request
    And a <kind> company token
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"
    And the answer lists no errors

    Examples:
      | kind       |
      | tampered   |
      | garbled    |
      | unknown    |
      | foreign    |
      | expired    |
      | unsigned   |
      | schemeless |

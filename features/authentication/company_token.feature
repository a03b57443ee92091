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
    And the answer matches the contract

  @sandbox
  Scenario Outline: Refused is <token> token
    Given a valid PAYONE PAYIN request
    And <token> company token
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"
    And the answer lists no errors

    Examples:
      | token         |
      | a tampered    |
      | a garbled     |
      | an unknown    |
      | a foreign     |
      | an expired    |
      | an unsigned   |
      | a schemeless  |

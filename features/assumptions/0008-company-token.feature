@assumes:company-token
Feature: What the company JWT is made of
  That the company shows a JWT from the back office, and that it holds the apiKey, is documented; its algorithm and its
  other claims are not. We take HS256, signed with the company's secretKey, with apiKey and iat and optionally exp;
  anything else is Unauthorized.

  @sandbox
  Scenario: A token of that kind is taken
    Given a valid PAYONE PAYIN request
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario Outline: <token> company token is not
    Given a valid PAYONE PAYIN request
    And <token> company token
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"
    And the answer lists no errors

    Examples:
      | token       |
      | an unsigned |
      | a foreign   |
      | an unknown  |

@assumes:CleoPayInRequest.emailVerification
Feature: Cleo's emailVerification is a word, or yes or no
  That Cleo needs emailVerification is documented, its type is not. We take text of up to 64 characters, or a boolean.

  @sandbox
  Scenario Outline: <value> will do
    Given a valid CLEO PAYIN request with:
      | emailVerification | <value> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | value      |
      | pending    |
      | json:false |

  @sandbox
  Scenario: A number will not, nor will nothing
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "emailVerification" is "json:0"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "emailVerification must be a string or a boolean"
    And the request has no "emailVerification"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: emailVerification"

@assumes:BritePayInRequest
Feature: What a Brite pay-in is made of
  Brite's request is not public. We take the common fields, and require a country, because banks differ by country.

  @sandbox
  Scenario: A pay-in with these fields
    Given a valid BRITE PAYIN request with every field
    When the merchant sends it
    Then the answer is a success
    And the answer matches the contract

  @sandbox
  Scenario Outline: <field> is required and must not be <wrong>
    Given a valid BRITE PAYIN request
    And the request has:
      | <field> | <wrong> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the request has no "<field>"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: <field>"

    @assumes:BritePayInRequest.pspType
    Examples:
      | field   | wrong  | says                     |
      | pspType | json:7 | pspType must be a string |

    @assumes:BritePayInRequest.type
    Examples:
      | field | wrong  | says                  |
      | type  | json:7 | type must be a string |

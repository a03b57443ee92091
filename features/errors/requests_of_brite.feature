@psp:BRITE @sandbox
Feature: What Brite requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid BRITE PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field   | value    | names   |
      | country | (absent) | country |
      | type    | (absent) | type    |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid BRITE PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field      | value                                    | says                                     |
      | type       | PAYOUT                                   | type must be one of: PAYIN               |
      | type       | payin                                    | type must be one of: PAYIN               |
      | pspType    | json:9                                   | pspType must be a string                 |
      | country    | Sweden                                   | country must be an ISO 3166 country code |
      | dob        | 1985-1-19                                | dob must be a date written YYYY-MM-DD    |
      | phone      | none                                     | phone must have at least 6 digits        |
      | lastName   | (empty)                                  | lastName must not be empty               |
      | baseamount | json:{"value": "500", "currency": "SEK"} | baseamount must be a number              |
      | baseamount | 500.005                                  | baseamount must have at most 2 decimals  |

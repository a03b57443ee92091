@psp:NEOSURF @sandbox
Feature: What Neosurf requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid NEOSURF PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field        | value    | names        |
      | currencyCode | (absent) | currencyCode |
      | userId       | (absent) | userId       |
      | type         | (absent) | type         |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid NEOSURF PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field        | value                             | says                                              |
      | email        | json:["chloe.martin@example.com"] | email must be a string                            |
      | baseamount   | 0                                 | baseamount must be greater than 0                 |
      | voucherPin   | SIMNEO                            | voucherPin must be 10 letters or digits           |
      | voucherPin   | json:1234567890                   | voucherPin must be a string                       |
      | siteUrl      | //shop.example                    | siteUrl must be an http or https URL              |
      | currencyCode | 978                               | currencyCode must be an active ISO 4217 currency code    |
      | type         | PAYOUT                            | type must be one of: PAYIN                        |
      | currency     | XYZ                               | currency must be an active ISO 4217 currency code |

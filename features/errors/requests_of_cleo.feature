@psp:CLEO @sandbox
Feature: What Cleo requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid CLEO PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field              | value    | names              |
      | currencyCode       | (absent) | currencyCode       |
      | address.postalCode | (absent) | address.postalCode |
      | address            | json:{}  | address.line1      |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid CLEO PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field             | value      | says                                            |
      | countryCode       | AR         | countryCode must be one of: CL, PE, MX          |
      | phone             | +56 2      | phone must have at least 6 digits               |
      | dob               | (empty)    | dob must not be empty                           |
      | dob               | 1993-07-32 | dob must be a date written YYYY-MM-DD           |
      | blocked           | json:0     | blocked must be a boolean                       |
      | transactionCount  | json:4     | transactionCount must be a string               |
      | emailVerification | json:1     | emailVerification must be a string or a boolean |
      | currencyCode      | PEN        | currencyCode must equal currency                |

  @flow:PAYIN
  Scenario: A pay-in: no currency of Cleo
    Given a valid CLEO PAYIN request with every field
    And the request has:
      | currency     | USD |
      | currencyCode | USD |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | currency must be one of: CLP, PEN, MXN     |
      | currencyCode must be one of: CLP, PEN, MXN |

  @flow:PAYIN
  Scenario: A pay-in: currency of another market
    Given a valid CLEO PAYIN request with every field
    And the request has:
      | currency     | PEN |
      | currencyCode | PEN |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be CLP for countryCode CL"

  @flow:PAYOUT
  Scenario Outline: A pay-out without <names>
    Given a valid CLEO PAYOUT request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field            | value    | names            |
      | verificationDate | (absent) | verificationDate |

  @flow:PAYOUT
  Scenario Outline: A pay-out where <says>
    Given a valid CLEO PAYOUT request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field           | value  | says                                             |
      | address.country | México | address.country must be an ISO 3166 country code |
      | countryCode     | PE     | currency must be PEN for countryCode PE          |

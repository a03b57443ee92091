@psp:WORLDPAY_EU
Feature: What Worldpay requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @sandbox @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid WORLDPAY_EU PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field        | value    | names        |
      | firstName    | (absent) | firstName    |
      | address      | (absent) | address      |
      | address.city | (absent) | address.city |

  @sandbox @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid WORLDPAY_EU PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field            | value            | says                                                    |
      | phone            | 12345            | phone must have at least 6 digits                       |
      | dob              | 23.11.1988       | dob must be a date written YYYY-MM-DD                   |
      | verificationDate | 2026-13-03       | verificationDate must be a date written YYYY-MM-DD      |
      | transactionCount | json:12          | transactionCount must be a string                       |
      | kycVerified      | "true"           | kycVerified must be a boolean                           |
      | userBalance      | "140.2"          | userBalance must be a number                            |
      | address.line1    | (empty)          | address.line1 must not be empty                         |
      | tags             | "vip"            | tags must be an array                                   |
      | countryCode      | Ireland          | countryCode must be an ISO 3166 country code            |
      | type             | PAYOUT           | type must be one of: PAYIN                              |
      | baseamount       | 1234567890123.00 | baseamount must have at most 12 digits before the point |

  @sandbox @flow:PAYIN
  Scenario: A pay-in: two fields missing, the first is named
    Given a valid WORLDPAY_EU PAYIN request with every field
    And the request has:
      | verificationDate | (absent) |
      | gender           | (absent) |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: gender"
    And the answer lists no errors

  @sandbox @flow:PAYIN
  Scenario: A pay-in: three mistakes, all listed in order
    Given a valid WORLDPAY_EU PAYIN request with every field
    And the request has:
      | email      | aoife   |
      | gender     | (empty) |
      | baseamount | -1      |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | baseamount must be greater than 0 |
      | email must be a valid email       |
      | gender must not be empty          |

  @flow:PAYIN @control
  Scenario: A pay-in: direct mode without card
    Given a valid WORLDPAY_EU PAYIN request with every field
    And the request has:
      | card | (absent) |
    And the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: card"
    And the answer lists no errors

  @flow:PAYIN @control
  Scenario: A pay-in: direct mode without card.pan
    Given a valid WORLDPAY_EU PAYIN request with every field
    And the request has:
      | card.pan | (absent) |
    And the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: card.pan"
    And the answer lists no errors

  @flow:PAYIN @control
  Scenario: A pay-in: direct mode, card malformed
    Given a valid WORLDPAY_EU PAYIN request with every field
    And the request has:
      | card.pan    | 4444 3333 2222 1111 |
      | card.expiry | 12/31               |
    And the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | card.pan must have 12 to 19 digits  |
      | card.expiry must be written MM/YYYY |

@psp:GIGADAT
Feature: What Gigadat requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @sandbox @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid GIGADAT PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field  | value    | names  |
      | name   | (absent) | name   |
      | userIp | (absent) | userIp |

  @sandbox @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid GIGADAT PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field        | value                       | says                                                                 |
      | name         | (empty)                     | name must not be empty                                               |
      | phone        | json:5145550142             | phone must be a string                                               |
      | email        | amelie.tremblay.example.com | email must be a valid email                                          |
      | userIp       | localhost                   | userIp must be an IP address                                         |
      | currency     | USD                         | currency must be one of: CAD                                         |
      | baseamount   | -150.00                     | baseamount must be greater than 0                                    |
      | address      | "1200 Rue Sherbrooke Ouest" | address must be an object                                            |
      | address.city | json:514                    | address.city must be a string                                        |
      | baseamount   | 150                         | baseamount must be written with exactly two decimals, such as 100.00 |
      | baseamount   | 150.5                       | baseamount must be written with exactly two decimals, such as 100.00 |

  @sandbox @flow:PAYIN
  Scenario: A pay-in: kycVerified as text, balance as text
    Given a valid GIGADAT PAYIN request with every field
    And the request has:
      | kycVerified | "yes"   |
      | userBalance | "82.35" |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | kycVerified must be a boolean |
      | userBalance must be a number  |

  @flow:PAYIN @control
  Scenario: A pay-in: phone with punctuation
    Given a valid GIGADAT PAYIN request with every field
    And the request has:
      | phone | +1 514 555 0142 |
    And the session token "session-of-jane"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "phone must be 10 digits, or 11 beginning with 1, of a North American number"

  @flow:PAYIN @control
  Scenario: A pay-in: phone of another country
    Given a valid GIGADAT PAYIN request with every field
    And the request has:
      | phone | 447700900142 |
    And the session token "session-of-jane"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "phone must be 10 digits, or 11 beginning with 1, of a North American number"

  @sandbox @flow:PAYIN
  Scenario: A pay-in: phone of another country in the user token
    Given a valid GIGADAT PAYIN request with every field
    And a user token with:
      | phone | 447700900142 |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "x-user-token.phone must be 10 digits, or 11 beginning with 1, of a North American number"

  @sandbox @flow:PAYOUT
  Scenario Outline: A pay-out by ETO without <names>
    Given a valid GIGADAT PAYOUT ETO request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field      | value    | names      |
      | payoutType | (absent) | payoutType |
      | mobile     | (absent) | mobile     |

  @sandbox @flow:PAYOUT
  Scenario Outline: A pay-out by ETO where <says>
    Given a valid GIGADAT PAYOUT ETO request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field      | value | says                                                                 |
      | payoutType | SEPA  | payoutType must be one of: ETO, ACH                                  |
      | baseamount | 300   | baseamount must be written with exactly two decimals, such as 100.00 |

  @sandbox @flow:PAYOUT
  Scenario Outline: A pay-out by ACH without <names>
    Given a valid GIGADAT PAYOUT ACH request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field         | value    | names         |
      | accountNumber | (absent) | accountNumber |

  @sandbox @flow:PAYOUT
  Scenario: A pay-out by ACH: account numbers of the wrong length
    Given a valid GIGADAT PAYOUT ACH request with every field
    And the request has:
      | institutionNumber | 81     |
      | transitNumber     | 302010 |
      | accountNumber     | 12-34  |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | institutionNumber must have exactly 3 digits |
      | transitNumber must have exactly 5 digits     |
      | accountNumber must have 7 to 12 digits       |

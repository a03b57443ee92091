@psp:PAYONE @sandbox
Feature: What Payone requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid PAYONE PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field    | value    | names    |
      | phone    | (absent) | phone    |
      | lastName | (null)   | lastName |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid PAYONE PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field        | value     | says                                       |
      | email        | (empty)   | email must not be empty                    |
      | firstName    | json:7    | firstName must be a string                 |
      | phone        | 403-55    | phone must have at least 6 digits          |
      | baseamount   | -100.00   | baseamount must be greater than 0          |
      | baseamount   | json:true | baseamount must be a number                |
      | currency     | (empty)   | currency must be an active ISO 4217 currency code |
      | currencyCode | EUR       | currencyCode must be one of: CAD           |
      | baseamount   | 100.001   | baseamount must have at most 2 decimals    |

  @flow:PAYIN
  Scenario: A pay-in: amount and email at fault
    Given a valid PAYONE PAYIN request with every field
    And the request has:
      | baseamount | 0              |
      | email      | noah@localhost |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | baseamount must be greater than 0 |
      | email must be a valid email       |

  @flow:PAYIN
  Scenario: A pay-in: euros
    Given a valid PAYONE PAYIN request with every field
    And the request has:
      | currency     | EUR |
      | currencyCode | EUR |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | currency must be one of: CAD     |
      | currencyCode must be one of: CAD |

  @flow:PAYOUT
  Scenario Outline: A pay-out without <names>
    Given a valid PAYONE PAYOUT request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field        | value    | names        |
      | userId       | (absent) | userId       |
      | currencyCode | (absent) | currencyCode |

  @flow:PAYOUT
  Scenario: A pay-out: pay-out in euros
    Given a valid PAYONE PAYOUT request with every field
    And the request has:
      | currency     | EUR |
      | currencyCode | EUR |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | currency must be one of: CAD     |
      | currencyCode must be one of: CAD |

@psp:FLEXEPIN @sandbox
Feature: What Flexepin requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid FLEXEPIN PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field      | value    | names      |
      | voucherPin | (absent) | voucherPin |
      | baseamount | (absent) | baseamount |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid FLEXEPIN PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field      | value                    | says                                                    |
      | voucherPin | (empty)                  | voucherPin must not be empty                            |
      | voucherPin | 990000000000001          | voucherPin must be 16 digits                            |
      | voucherPin | 9900-0000-0000-0001      | voucherPin must be 16 digits                            |
      | voucherPin | json:9900000000000001    | voucherPin must be a string                             |
      | baseamount | "fifty"                  | baseamount must be a number                             |
      | email      | grace wilson@example.com | email must be a valid email                             |
      | type       | PAYOUT                   | type must be one of: PAYIN                              |
      | baseamount | 1e13                     | baseamount must have at most 12 digits before the point |

  @flow:PAYIN
  Scenario: A pay-in: currency in lower case
    Given a valid FLEXEPIN PAYIN request with every field
    And the request has:
      | currency     | cad |
      | currencyCode | cad |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | currency must be an active ISO 4217 currency code     |
      | currencyCode must be an active ISO 4217 currency code |

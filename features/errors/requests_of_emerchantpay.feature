@psp:EMERCHANTPAY @sandbox
Feature: What eMerchantPay requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid EMERCHANTPAY PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field               | value    | names               |
      | card                | (absent) | card                |
      | card.pan            | (absent) | card.pan            |
      | card.cardHolderName | (absent) | card.cardHolderName |
      | card                | json:{}  | card.pan            |
      | address.state       | (absent) | address.state       |
      | address             | (absent) | address.state       |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid EMERCHANTPAY PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field         | value                 | says                                              |
      | card          | "4200000000000000"    | card must be an object                            |
      | card.pan      | 4200 0000 0000 0000   | card.pan must be 12 to 19 digits                  |
      | card.pan      | json:4200000000000000 | card.pan must be a string                         |
      | card.cvv      | (empty)               | card.cvv must not be empty                        |
      | card.expMonth | 13                    | card.expMonth must be a month written MM          |
      | browser       | "Firefox"             | browser must be an object                         |
      | hppSuccessUrl | /card/done            | hppSuccessUrl must be an http or https URL        |
      | currency      | USX                   | currency must be an active ISO 4217 currency code |

  @flow:PAYIN
  Scenario: A pay-in: expiry of another form
    Given a valid EMERCHANTPAY PAYIN request with every field
    And the request has:
      | card.expMonth | 9  |
      | card.expYear  | 31 |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | card.expMonth must be a month written MM |
      | card.expYear must be a year written YYYY |

  @flow:PAYIN
  Scenario: A pay-in: email missing, though the user token has one
    Given a valid EMERCHANTPAY PAYIN request with every field
    And the request has:
      | email | (absent) |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: email"
    And the answer lists no errors

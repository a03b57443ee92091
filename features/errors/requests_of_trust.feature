@psp:TRUST @sandbox
Feature: What Trust Payments requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid TRUST PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field    | value    | names    |
      | userId   | (absent) | userId   |
      | currency | (absent) | currency |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid TRUST PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field         | value                                                               | says                                              |
      | userId        | (empty)                                                             | userId must not be empty                          |
      | userId        | json:true                                                           | userId must be a string or a number               |
      | baseamount    | 0.00                                                                | baseamount must be greater than 0                 |
      | baseamount    | "60.00"                                                             | baseamount must be a number                       |
      | currency      | £                                                                   | currency must be an active ISO 4217 currency code        |
      | hppSuccessUrl | shop.example/payment/done                                           | hppSuccessUrl must be an http or https URL        |
      | hppFailureUrl | javascript:alert(1)                                                 | hppFailureUrl must be an http or https URL        |
      | address       | json:["22 Kingsway", "London"]                                      | address must be an object                         |
      | phone         | json:442079460142                                                   | phone must be a string                            |
      | card          | json:{"pan": "4111111111111111", "expiry": "12/2031", "cvv": "123"} | card must not be sent                             |
      | currency      | DEM                                                                 | currency must be an active ISO 4217 currency code |

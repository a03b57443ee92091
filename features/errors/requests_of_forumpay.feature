@psp:FORUMPAY @sandbox
Feature: What ForumPay requests must have
  The contract names what is wrong: the first field that is missing, or everything that is broken, each in a line that begins
  with the field's name. Nothing is paid.

  @flow:PAYIN
  Scenario Outline: A pay-in without <names>
    Given a valid FORUMPAY PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field   | value    | names   |
      | pspType | (absent) | pspType |
      | country | (absent) | country |
      | email   | (null)   | email   |

  @flow:PAYIN
  Scenario Outline: A pay-in where <says>
    Given a valid FORUMPAY PAYIN request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the answer matches the contract

    Examples:
      | field      | value          | says                                                                                                                |
      | pspType    | FORUMPAYS      | pspType must be one of: FORUMPAY, GIGADAT, WORLDPAY_EU, TRUST, CLEO, PAYONE, NEOSURF, FLEXEPIN, BRITE, EMERCHANTPAY |
      | baseamount | "249.90"       | baseamount must be a number                                                                                         |
      | baseamount | 0              | baseamount must be greater than 0                                                                                   |
      | currency   | eur            | currency must be an active ISO 4217 currency code                                                                          |
      | currency   | XYZ            | currency must be an active ISO 4217 currency code                                                                   |
      | email      | lena.hoffmann@ | email must be a valid email                                                                                         |
      | isTestMode | "false"        | isTestMode must be a boolean                                                                                        |
      | baseamount | 249.905        | baseamount must have at most 2 decimals                                                                             |

  @flow:PAYOUT
  Scenario Outline: A pay-out without <names>
    Given a valid FORUMPAY PAYOUT request with every field
    And the request has:
      | <field> | <value> |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: <names>"
    And the answer lists no errors
    And the answer matches the contract

    Examples:
      | field           | value    | names           |
      | preferredCrypto | (absent) | preferredCrypto |
      | walletAddress   | (absent) | walletAddress   |

  @flow:PAYOUT
  Scenario: A pay-out: wallet empty, crypto in words
    Given a valid FORUMPAY PAYOUT request with every field
    And the request has:
      | walletAddress   | (empty) |
      | preferredCrypto | bitcoin |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | preferredCrypto must be a crypto currency code such as BTC |
      | walletAddress must not be empty                            |

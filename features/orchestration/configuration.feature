@control
Feature: Providers' configurations
  A provider must be configured for the company, with everything that its configuration requires.

  Scenario Outline: <psp> is not configured
    Given a valid <psp> PAYIN request
    And the company has no <psp> configuration
    When the merchant sends it
    Then the answer is the error 400 "Something went wrong"
    And the answer's "data" is "PSP Configuration not found. Please check you psp Configuration"
    And the company has 0 payments

    Examples:
      | psp          |
      | FORUMPAY     |
      | GIGADAT      |
      | WORLDPAY_EU  |
      | TRUST        |
      | CLEO         |
      | PAYONE       |
      | NEOSURF      |
      | FLEXEPIN     |
      | BRITE        |
      | EMERCHANTPAY |

  @psp:PAYONE
  Scenario: Payone takes other currencies when the configuration lists them
    Given a valid PAYONE PAYIN request with:
      | currency     | EUR |
      | currencyCode | EUR |
    And the company's PAYONE configuration has:
      | currencies | json:["CAD", "EUR"] |
    When the merchant sends it
    Then the answer is a success

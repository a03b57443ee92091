@control
Feature: Orchestration rules
  A call reaches a provider only when an active rule of the company says so.

  Scenario Outline: Without a rule <psp> is out of reach
    Given a valid <psp> PAYIN request
    And the company has no rule for <psp>
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"
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

  Scenario: A rule that is switched off does not count
    Given a valid PAYONE PAYIN request
    And the company's rule for PAYONE is switched off
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"

  Scenario: Another provider's rule does not help
    Given a valid PAYONE PAYIN request
    And the company has no rule for PAYONE
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"
    And a valid TRUST PAYIN request
    And the merchant sends it
    Then the answer is a success

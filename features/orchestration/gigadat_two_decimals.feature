@rule:GigadatConfiguration.twoDecimals
Feature: Gigadat's two decimals can be switched off
  An amount for Gigadat must be written with exactly two decimals. Many programs can't write 100.00 as a JSON number,
  and the pages do not tell them what to do. In the simulator a configuration may switch the rule off.

  @control
  Scenario: It holds unless switched off
    Given a valid GIGADAT PAYIN request
    And the amount is "100"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "baseamount must be written with exactly two decimals, such as 100.00"
    And the company's GIGADAT configuration has:
      | twoDecimals | json:false |
    And the merchant sends it
    Then the answer is a success

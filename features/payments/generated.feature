@sandbox
Feature: Any valid request is taken
  Beside the examples written by hand there are generated ones: every required field, some of the optional ones, other values in
  each; the same ones in every run.

  Scenario Outline: Generated request <n> of <psp> <flow>
    Given random request <n> of <psp> <flow>
    When the merchant sends it
    Then the answer is a success
    And the answer matches the contract

    Examples:
      | psp          | flow       | n |
      | FORUMPAY     | PAYIN      | 1 |
      | FORUMPAY     | PAYIN      | 2 |
      | FORUMPAY     | PAYOUT     | 1 |
      | FORUMPAY     | PAYOUT     | 2 |
      | GIGADAT      | PAYIN      | 1 |
      | GIGADAT      | PAYIN      | 2 |
      | GIGADAT      | PAYOUT ETO | 1 |
      | GIGADAT      | PAYOUT ACH | 1 |
      | WORLDPAY_EU  | PAYIN      | 1 |
      | WORLDPAY_EU  | PAYIN      | 2 |
      | TRUST        | PAYIN      | 1 |
      | TRUST        | PAYIN      | 2 |
      | CLEO         | PAYIN      | 1 |
      | CLEO         | PAYIN      | 2 |
      | CLEO         | PAYOUT     | 1 |
      | CLEO         | PAYOUT     | 2 |
      | PAYONE       | PAYIN      | 1 |
      | PAYONE       | PAYIN      | 2 |
      | PAYONE       | PAYOUT     | 1 |
      | PAYONE       | PAYOUT     | 2 |
      | BRITE        | PAYIN      | 1 |
      | BRITE        | PAYIN      | 2 |
      | EMERCHANTPAY | PAYIN      | 1 |
      | EMERCHANTPAY | PAYIN      | 2 |

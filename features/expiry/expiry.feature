@control @webhook
Feature: Pages that expire
  A shopper who never decides lets the provider's page expire. The webhook says Declined, with the provider's own word.

  Scenario Outline: <psp> waits for <life>
    Given a <psp> PAYIN payment by the scenario "shopper-abandons"
    When <almost> pass
    Then the payment is "Pending"
    And 1m passes
    Then the payment is "expired"

    Examples:
      | psp         | life   | almost |
      | FORUMPAY    | 15 min | 14m30s |
      | GIGADAT     | 30 min | 29m30s |
      | WORLDPAY_EU | 1 h    | 59m30s |
      | TRUST       | 5 min  | 4m30s  |
      | CLEO        | 30 min | 29m30s |
      | PAYONE      | 30 min | 29m30s |
      | BRITE       | 30 min | 29m30s |

  Scenario Outline: <psp> tells of it in its own word
    Given a <psp> PAYIN payment by the scenario "shopper-abandons"
    When everything that is due happens
    Then the webhook has:
      | status             | <raw>    |
      | transaction_status | Declined |
    And the webhook matches the contract

    Examples:
      | psp         | raw            |
      | FORUMPAY    | cancelled      |
      | GIGADAT     | STATUS_EXPIRED |
      | WORLDPAY_EU | EXPIRED        |
      | TRUST       | expired        |
      | CLEO        | expired        |
      | PAYONE      | expired        |

  Scenario Outline: Approved after expiry: <psp>
    Given a <psp> PAYIN payment by the scenario "<scenario>"
    When everything that is due happens
    Then the webhook's "transaction_status" is "Approved"

    Examples:
      | psp         | scenario                         |
      | GIGADAT     | gigadat-approved-after-expiry    |
      | WORLDPAY_EU | worldpay-approved-after-expiry   |
      | TRUST       | trust-approved-after-expiry      |
      | CLEO        | cleo-approved-after-expiry       |
      | PAYONE      | payone-approved-after-expiry     |
      | FORUMPAY    | forumpay-confirmed-after-expiry  |

@control @webhook
Feature: What webhooks say
  transaction_status is for decisions; status is the provider's own word. Amounts are text with two decimals, whatever the call
  wrote.

  Scenario Outline: <psp> <flow> tells that it is approved
    Given a <psp> <flow> payment by the scenario "<scenario>"
    Then the answer is a success
    And everything that is due happens
    Then <n> webhooks have arrived
    And the webhook has:
      | transaction_status | <final>          |
      | status             | <raw>            |
      | transaction_id     | {transaction id} |
      | psp_transaction_id | {text}           |
      | user_id            | {text}           |
      | message            | {text}           |
      | amount             | {amount}         |
      | merchantReference  | (empty)          |
    And the webhook matches the contract
    And the webhook has the header "Content-Type" "/^application.json/"
    And the webhook has no header "Authorization"

    Examples:
      | psp          | flow   | scenario                      | n | raw            | final    |
      | FORUMPAY     | PAYIN  | forumpay-confirmed            | 3 | confirmed      | Approved |
      | FORUMPAY     | PAYOUT | forumpay-payout-confirmed     | 2 | confirmed      | Approved |
      | GIGADAT      | PAYIN  | gigadat-approved              | 1 | STATUS_SUCCESS | Approved |
      | WORLDPAY_EU  | PAYIN  | worldpay-approved             | 2 | CAPTURED       | Approved |
      | TRUST        | PAYIN  | trust-approved                | 1 | authorised     | Approved |
      | CLEO         | PAYIN  | cleo-approved                 | 1 | approved       | Approved |
      | CLEO         | PAYOUT | cleo-payout-approved          | 1 | approved       | Approved |
      | PAYONE       | PAYIN  | payone-approved               | 1 | success        | Approved |
      | PAYONE       | PAYOUT | payone-payout-approved        | 1 | success        | Approved |
      | NEOSURF      | PAYIN  | neosurf-approved              | 1 | ok             | Approved |
      | EMERCHANTPAY | PAYIN  | emerchantpay-challenge-passed | 1 | approved       | Approved |

  Scenario Outline: An amount written <written> is told as <told>
    Given a PAYONE PAYIN payment with:
      | baseamount | <written> |
    When the shopper approves
    Then a webhook arrives
    And the webhook has:
      | amount | "<told>" |

    Examples:
      | written | told   |
      | 100     | 100.00 |
      | 100.5   | 100.50 |
      | 0.01    | 0.01   |
      | 1e2     | 100.00 |

  Scenario: What the provider says later is told too
    Given a WORLDPAY_EU PAYIN payment by the scenario "worldpay-charged-back"
    When everything that is due happens
    Then the webhooks tell:
      | AUTHORISED            | Approved |
      | CAPTURED              | Approved |
      | INFORMATION_REQUESTED | Approved |
      | CHARGED_BACK          | Declined |

  Scenario: An unknown status may arrive
    Given a PAYONE PAYIN payment
    And this scenario decides the next payment:
      """
      match: {psp: PAYONE}
      then:
        - {status: OnHold, raw: being_looked_at}
      """
    When the merchant sends it
    And everything that is due happens
    Then the webhook has:
      | transaction_status | OnHold          |
      | status             | being_looked_at |

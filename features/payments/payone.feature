@psp:PAYONE
Feature: Payone
  Interac bank transfer in Canadian dollars. The shopper pays on Payone's page; the truth comes by webhook, for pay-ins and
  pay-outs alike.

  @sandbox @flow:PAYIN
  Scenario: A pay-in sends the shopper to Payone's page
    Given a valid PAYONE PAYIN request with:
      | baseamount        | 100            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                 | Transaction successfully processed       |
      | data.success            | true                                     |
      | data.message            | Transaction successfully Ongoing Process |
      | data.transaction_status | Pending                                  |
      | data.transactionId      | <transaction id>                         |
      | data.merchantReference  | <request.merchantReference>              |
      | data.amount             | <request.baseamount>                     |
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox @flow:PAYIN
  Scenario: A pay-in without a reference is echoed an empty one
    Given a valid PAYONE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "(empty)"

  @sandbox @webhook @shopper @flow:PAYIN
  Scenario: The shopper pays, and the merchant is told
    Given a PAYONE PAYIN payment with:
      | merchantReference | order-{unique} |
    When the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Approved                                        |
      | status             | success                                         |
      | message            | Transaction approved and successfully processed |
      | psp_transaction_id | /^po-[0-9a-f]{12}$/                             |
    And the webhook has no "currency"
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @sandbox @webhook @shopper @flow:PAYIN
  Scenario: The shopper cancels, and the raw word is echoed
    Given a PAYONE PAYIN payment
    When the shopper cancels on the provider's page
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Declined  |
      | status             | cancelled |
    And the webhook is about this payment

  @control @webhook @flow:PAYIN
  Scenario: The bank declines
    Given a PAYONE PAYIN payment
    When the provider declines
    Then the webhooks tell:
      | failed | Declined |
    And the webhook matches the contract
    And no further webhook arrives

  @sandbox @flow:PAYOUT
  Scenario: A pay-out is accepted and needs no page
    Given a valid PAYONE PAYOUT request with:
      | merchantReference | payout-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                 | Transaction successfully processed |
      | data.success            | true                               |
      | data.transaction_status | Pending                            |
      | data.transactionId      | <transaction id>                   |
      | data.merchantReference  | <request.merchantReference>        |
      | data.amount             | <request.baseamount>               |
    And the answer has no redirect URL
    And the answer matches the contract

  @control @webhook @flow:PAYOUT
  Scenario Outline: A pay-out ends <status>
    Given a PAYONE PAYOUT payment by the scenario "<scenario>"
    Then the answer is a success
    And the webhooks tell:
      | <raw> | <status> |
    And the webhook has no "currency"
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

    Examples:
      | scenario               | raw     | status   |
      | payone-payout-approved | success | Approved |
      | payone-payout-declined | failed  | Declined |

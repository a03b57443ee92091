@psp:GIGADAT
Feature: Gigadat
  Interac bank transfer in Canada. Amounts are written with two decimals, phones are North American; a pay-out waits until an
  admin lets it go.

  @sandbox @flow:PAYIN
  Scenario: A pay-in sends the shopper to Gigadat's webflow
    Given a valid GIGADAT PAYIN request with:
      | baseamount        | 100.00         |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                        | Gigadat CPI payment initiated successfully |
      | data.transactionId             | <transaction id>                           |
      | data.databaseTransactionId     | <answer.data.transactionId>                |
      | data.method                    | GET_REDIRECT                               |
      | data.webflowURL                | /transaction=.+token=/                     |
      | data.formSubmissionURL         | (null)                                     |
      | data.instructions              | Use direct redirect to webflowURL          |
      | data.paymentToken              | <token>                                    |
      | data.transaction_status        | Pending                                    |
      | data.amount                    | <request.baseamount>                       |
      | data.merchantReference         | <request.merchantReference>                |
      | data.data.gigadatTransactionId | <answer.data.transactionId>                |
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox @flow:PAYIN
  Scenario Outline: The amount's digits count, not its value: <written>
    Given a valid GIGADAT PAYIN request
    And the amount is "<written>"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "baseamount must be written with exactly two decimals, such as 100.00"

    Examples:
      | written |
      | 100     |
      | 100.5   |
      | 1e2     |

  @control @flow:PAYIN
  Scenario: The rule of two decimals can be switched off
    Given a valid GIGADAT PAYIN request
    And the amount is "100"
    And the company's GIGADAT configuration has:
      | twoDecimals | false |
    When the merchant sends it
    Then the answer is a success

  @sandbox @flow:PAYIN
  Scenario: The phone of the shopper's token goes before the request's
    Given a valid GIGADAT PAYIN request with:
      | phone | 14165550142 |
    And a user token with:
      | phone | 447700900142 |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"

  @sandbox @webhook @shopper @flow:PAYIN
  Scenario: The shopper pays, and the merchant is told
    Given a GIGADAT PAYIN payment with:
      | merchantReference | order-{unique} |
    When the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Approved       |
      | status             | STATUS_SUCCESS |
      | currency           | CAD            |
      | psp_transaction_id | <answer.data.transactionId> |
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook @flow:PAYIN
  Scenario Outline: A pay-in fails with <raw>
    Given a GIGADAT PAYIN payment by the scenario "<scenario>"
    Then the webhooks tell:
      | <raw> | Declined |
    And the webhook is about this payment
    And no further webhook arrives

    Examples:
      | scenario                 | raw              |
      | gigadat-failed           | STATUS_FAILED    |
      | gigadat-rejected         | STATUS_REJECTED  |
      | gigadat-rejected-by-risk | STATUS_REJECTED1 |
      | gigadat-cancelled        | STATUS_ABORTED1  |
      | gigadat-expired          | STATUS_EXPIRED   |

  @sandbox @flow:PAYOUT
  Scenario Outline: A pay-out by <by> waits for approval
    Given a valid GIGADAT PAYOUT <by> request with:
      | merchantReference | payout-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                    | Added to approvals table                                                                                   |
      | data.payoutType            | <by>                                                                                                       |
      | data.method                | AWAITING_APPROVAL                                                                                          |
      | data.transactionId         | {transaction id}                                                                                           |
      | data.databaseTransactionId | {answer.data.transactionId}                                                                                |
      | data.webflowURL            | {url}                                                                                                      |
      | data.finalizationURL       | /deposit.transaction=.+token=/                                                                             |
      | data.instructions          | Transaction created in Gigadat and added to approval queue. Finalization will occur after admin approval.  |
      | data.paymentToken          | {token}                                                                                                    |
      | data.amount                | {request.baseamount}                                                                                       |
      | data.merchantReference     | {request.merchantReference}                                                                                |
    And the answer matches the contract

    Examples:
      | by  |
      | ETO |
      | ACH |

@psp:FLEXEPIN @flow:PAYIN
Feature: Flexepin
  A voucher that is redeemed in the call itself: the answer is final, although its status says PENDING, and nothing is told
  later.

  @control @webhook
  Scenario: The voucher is redeemed at once
    Given a valid FLEXEPIN PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | data.status             | PENDING                     |
      | data.sessionId          | <uuid>                      |
      | data.transactionId      | <transaction id>            |
      | data.transaction_status | Approved                    |
      | data.amount             | <request.baseamount>        |
      | data.merchantReference  | <request.merchantReference> |
    And the answer has no redirect URL
    And the answer matches the contract
    And no further webhook arrives
    And the payment is "approved"

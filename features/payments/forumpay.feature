@psp:FORUMPAY
Feature: ForumPay
  Crypto. The shopper sends coins to an address on ForumPay's page; every state of the chain is a webhook of its own, and the
  rate is held for 15 minutes.

  @sandbox @flow:PAYIN
  Scenario: A pay-in sends the shopper to ForumPay's page
    Given a valid FORUMPAY PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                | Successfully                |
      | data.status            | PENDING                     |
      | data.url               | <url>                       |
      | data.sessionId         | <uuid>                      |
      | data.transactionId     | <transaction id>            |
      | data.merchantReference | <request.merchantReference> |
      | data.amount            | <request.baseamount>        |
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox @flow:PAYIN
  Scenario: A pay-in needs the shopper's own token
    Given a valid FORUMPAY PAYIN request
    And the session token "session-of-jane"
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"

  @sandbox @webhook @shopper @flow:PAYIN
  Scenario: The coins arrive, and each state is told
    Given a FORUMPAY PAYIN payment with:
      | merchantReference | order-{unique} |
    When the shopper pays on the provider's page
    Then the webhooks tell:
      | waiting        | Pending  |
      | zero_confirmed | Pending  |
      | confirmed      | Approved |
    And the webhook's "message" is "Crypto payment confirmed and successfully processed"
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook @flow:PAYIN
  Scenario Outline: <story>
    Given a FORUMPAY PAYIN payment by the scenario "<scenario>"
    Then the answer is a success
    And 2 more webhooks arrive
    And the webhook has:
      | status             | <raw>    |
      | transaction_status | <status> |
    And the webhook matches the contract

    Examples:
      | story                             | scenario           | raw          | status   |
      | Nobody pays for 15 minutes        | forumpay-expired   | cancelled    | Declined |
      | The shopper cancels               | forumpay-cancelled | cancelled    | Declined |
      | Too few coins are not enough      | forumpay-underpaid | underpayment | Pending  |

  @control @webhook @flow:PAYIN
  Scenario: What was too little can be topped up
    Given a FORUMPAY PAYIN payment
    When the shopper pays too little
    Then the webhooks tell:
      | waiting      | Pending |
      | underpayment | Pending |
    And the shopper approves
    Then 2 more webhooks arrive
    And the webhook's "status" is "confirmed"
    And the webhook's "transaction_status" is "Approved"

  @sandbox @flow:PAYOUT
  Scenario: A pay-out is on hold, with everything about the exchange
    Given a valid FORUMPAY PAYOUT request with:
      | merchantReference | payout-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                            | Transaction is on hold             |
      | data.invoice_currency              | <request.currency>                 |
      | data.invoice_amount                | <amount>                           |
      | data.currency                      | <request.preferredCrypto>          |
      | data.payment_source                | cash                               |
      | data.wait_time                     | 20 minutes                         |
      | data.network_processing_fee        | /^\d+\.\d+$/                       |
      | data.rate                          | /^\d+\.\d{4}$/                     |
      | data.amount_exchange               | /^\d+\.\d{8}$/                     |
      | data.amount                        | <number>                           |
      | data.fast_transaction_fee_currency | <text>                             |
      | data.payment_id                    | <uuid>                             |
      | data.reference_no                  | <answer.data.transactionId>        |
      | data.address                       | <request.walletAddress>            |
      | data.access_token                  | /^[A-Za-z0-9_-]{64}$/              |
      | data.transactionId                 | <transaction id>                   |
      | data.merchantReference             | <request.merchantReference>        |
    And the answer's "data.invoice_amount" is "<request.baseamount>"
    And the answer has no redirect URL
    And the answer matches the contract

  @control @webhook @flow:PAYOUT
  Scenario: A pay-out is confirmed on the chain
    Given a FORUMPAY PAYOUT payment by the scenario "forumpay-payout-confirmed"
    Then the answer is a success
    And the webhooks tell:
      | zero_confirmed | Pending  |
      | confirmed      | Approved |
    And the webhook is about this payment
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook @flow:PAYOUT
  Scenario: A pay-out is cancelled
    Given a FORUMPAY PAYOUT payment by the scenario "forumpay-payout-cancelled"
    Then a webhook arrives
    And the webhook's "transaction_status" is "Declined"
    And no further webhook arrives

  @control @flow:PAYIN
  Scenario: Without the payer's id ForumPay refuses everything
    Given a valid FORUMPAY PAYIN request
    And the company's FORUMPAY configuration has no "forumpayUserId"
    When the merchant sends it
    Then the answer is the error 500 "An unexpected error occurred. Contact support if it continues."
    And the answer has:
      | errorCode | UNKNOWN_PSP_ERROR    |
      | data      | Payer ID is required |

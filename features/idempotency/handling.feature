Feature: Nothing makes two calls one
  The API knows no idempotency key: every call is a payment of its own. So the merchant must be idempotent, by transaction_id,
  in what it does with webhooks.

  @sandbox
  Scenario Outline: The same <psp> call twice makes two payments
    Given a valid <psp> PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it 2 times
    Then every answer is a success
    And the answers' "data.transactionId" differ
    And the answers' "data.amount" agree

    Examples:
      | psp    |
      | PAYONE |
      | TRUST  |
      | BRITE  |

  @control @webhook
  Scenario: Each of the two has its own webhook
    Given a valid PAYONE PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it 2 times
    Then 2 more webhooks arrive
    And no further webhook arrives
    And the company has 2 payments

  @control @webhook
  Scenario: A lost answer does not mean that nothing happened
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "answer-lost"
    Then there is no answer
    And the company has 1 payment
    And a webhook arrives
    And the webhook's "transaction_status" is "Approved"

  @control
  Scenario: What is decided stays decided
    Given a PAYONE PAYIN payment
    When the shopper approves
    Then another decision is refused

  @control @webhook
  Scenario: A webhook that was answered too late comes again, the same
    Given a PAYONE PAYIN payment
    And the merchant's handler answers "500, 200"
    When the shopper approves
    Then 2 more webhooks arrive
    And the webhooks are the same
    And no further webhook arrives

  @sandbox
  Scenario: An id is never given twice
    Given a TRUST PAYIN payment
    And the answer's "data.transactionId" is kept as "first"
    When the merchant sends it
    Then the answer's "data.transactionId" is "<transaction id>"
    And the answer's "data.transactionId" is "<not:<kept.first>>"

@assumes:WorldpayPayInAnswer.data.transactionId
Feature: Worldpay's answer has the transaction's id
  Worldpay's answer is shown without an id; the webhook's transaction_id would match nothing. We add transactionId.

  @sandbox
  Scenario: It is there
    Given a valid WORLDPAY_EU PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transactionId" is "<transaction id>"

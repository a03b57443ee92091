@assumes:WorldpayPayInAnswer.data.transaction_status
Feature: Worldpay's answer has the status Pending
  With which status Worldpay's answer leaves the merchant is not shown. We add transaction_status, always Pending:
  no card has been typed yet.

  @sandbox
  Scenario: It is there
    Given a valid WORLDPAY_EU PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "Pending"

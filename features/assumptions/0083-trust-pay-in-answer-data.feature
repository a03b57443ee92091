@assumes:TrustPayInAnswer.data
Feature: What Trust answers stands under data
  Four fields of Trust's answer are documented, not where they stand. We put them under data, where all other providers
  have theirs.

  @sandbox
  Scenario: Under data, and nowhere else
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | data.paymentUrl        | <url>                |
      | data.transactionId     | <transaction id>     |
      | data.merchantReference | (empty)              |
      | data.amount            | <request.baseamount> |
      | paymentUrl             | (absent)             |
      | transactionId          | (absent)             |
      | amount                 | (absent)             |

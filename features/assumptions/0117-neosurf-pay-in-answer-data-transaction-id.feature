@assumes:NeosurfPayInAnswer.data.transactionId
Feature: Neosurf's answer has the transaction's id
  The sample of Neosurf's answer has a session and no transaction, by which no webhook could be matched. We add
  transactionId.

  @control @webhook
  Scenario: The id that the webhook will name
    Given a NEOSURF PAYIN payment
    Then the answer's "data.transactionId" is "<transaction id>"
    And a webhook arrives
    And the webhook's "transaction_id" is "<answer.data.transactionId>"

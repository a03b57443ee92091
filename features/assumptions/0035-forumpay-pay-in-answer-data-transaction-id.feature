@assumes:ForumpayPayInAnswer.data.transactionId
Feature: ForumPay's answer to a pay-in has the transaction's id
  No sample of this answer shows an id, and without one no webhook could be matched. We add transactionId, in the form
  of all the others.

  @sandbox
  Scenario: It is there
    Given a valid FORUMPAY PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transactionId" is "<transaction id>"

  @sandbox
  Scenario: Another one for each call
    Given a valid FORUMPAY PAYIN request
    When the merchant sends it 2 times
    Then every answer is a success
    And the answers' "data.transactionId" differ

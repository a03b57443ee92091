@assumes:BritePayInAnswer.data.transactionId
Feature: Brite's answer has the transaction's id
  Without a webhook there is nothing to match, and yet support will ask for an id; whether Brite's answer has one is not
  public. We add transactionId.

  @sandbox
  Scenario: It is there
    Given a valid BRITE PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transactionId" is "<transaction id>"

@assumes:CleoPayInAnswer.data.transactionId
Feature: Cleo's answer to a pay-in has the transaction's id
  The vendor's generic answer to a pay-in has a status, a URL and a session, and no sample is Cleo's own. We add the id that the
  webhook will have, so that the two can be matched.

  @sandbox
  Scenario: It is there
    Given a valid CLEO PAYIN request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transactionId" is "<transaction id>"

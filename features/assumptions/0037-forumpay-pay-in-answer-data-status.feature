@assumes:ForumpayPayInAnswer.data.status
Feature: ForumPay's answer to a pay-in has the status PENDING
  The vendor shows the message and data.url of this answer and no more. We add status, as the other redirects have it:
  always PENDING at first.

  @sandbox
  Scenario: It is there
    Given a valid FORUMPAY PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.status" is "PENDING"

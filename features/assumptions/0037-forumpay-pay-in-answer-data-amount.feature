@assumes:ForumpayPayInAnswer.data.amount
Feature: ForumPay's answer to a pay-in has the amount
  Whether this answer repeats the amount is not shown. We do so, as the number that was asked for.

  @sandbox
  Scenario: It is there
    Given a valid FORUMPAY PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.amount" is "<request.baseamount>"

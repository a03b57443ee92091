@assumes:ForumpayPayInAnswer.data.merchantReference
Feature: ForumPay's answer to a pay-in has the merchant's reference
  Whether this answer tells the merchant's reference again is not shown. We do so, and leave it empty when the call had
  none.

  @sandbox
  Scenario: It is there
    Given a valid FORUMPAY PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

  @sandbox
  Scenario: Empty when none was sent
    Given a valid FORUMPAY PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "(empty)"

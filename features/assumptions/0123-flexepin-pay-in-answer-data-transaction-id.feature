@assumes:FlexepinPayInAnswer.data.transactionId
Feature: Flexepin's answer has the transaction's id
  The sample of Flexepin's answer names a session and no transaction. We add transactionId, for the merchant's books and
  for questions later.

  @control
  Scenario: A voucher is redeemed
    Given a valid FLEXEPIN PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transactionId" is "<transaction id>"

@assumes:FlexepinPayInAnswer.data.amount
Feature: Flexepin's answer has the amount
  How much a voucher was worth is not in the sample of the answer. We add the amount, as the number of the call.

  @control
  Scenario: A voucher is redeemed
    Given a valid FLEXEPIN PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.amount" is "<request.baseamount>"

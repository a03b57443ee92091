@assumes:FlexepinPayInAnswer.data.merchantReference
Feature: Flexepin's answer has the merchant's reference
  The sample of Flexepin's answer has no reference of the merchant's. We add it; no webhook will.

  @control
  Scenario: A voucher is redeemed
    Given a valid FLEXEPIN PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

@assumes:WorldpayPayInAnswer.data.merchantReference
Feature: Worldpay's answer has the merchant's reference
  It is not shown whether Worldpay's answer repeats the merchant's reference, which its table of the call does not have
  either. We repeat it.

  @sandbox
  Scenario: It is there
    Given a valid WORLDPAY_EU PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

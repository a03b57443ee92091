@assumes:WorldpayPayInAnswer.data.amount
Feature: Worldpay's answer has the amount
  It is not shown whether Worldpay's answer repeats the amount. We repeat it, as the number of the call.

  @sandbox
  Scenario: It is there
    Given a valid WORLDPAY_EU PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.amount" is "<request.baseamount>"

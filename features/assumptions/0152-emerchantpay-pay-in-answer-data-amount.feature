@assumes:EmerchantpayPayInAnswer.data.amount
Feature: eMerchantPay's answer has the amount
  Whether eMerchantPay's answer repeats the amount is not shown. We repeat it, as the number of the call.

  @sandbox
  Scenario Outline: With and without a step-up: a card that is <kind>
    Given the EMERCHANTPAY PAYIN request "<kind>"
    And the merchant's reference is "order-{unique}"
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.amount" is "{request.baseamount}"

    Examples:
      | kind         |
      | frictionless |
      | challenge    |

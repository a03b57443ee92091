@assumes:EmerchantpayPayInAnswer.data.merchantReference
Feature: eMerchantPay's answer has the merchant's reference
  eMerchantPay takes a merchantReference; whether its answer tells it again is not shown. We do so.

  @sandbox
  Scenario Outline: With and without a step-up: a card that is <kind>
    Given the EMERCHANTPAY PAYIN request "<kind>"
    And the merchant's reference is "order-{unique}"
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "{request.merchantReference}"

    Examples:
      | kind         |
      | frictionless |
      | challenge    |

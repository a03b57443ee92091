@assumes:EmerchantpayPayInAnswer.data.transactionId
Feature: eMerchantPay's answer has the transaction's id
  No sample of eMerchantPay's answer is public that could show an id, and a webhook has to be matched by something. We
  add transactionId.

  @sandbox
  Scenario Outline: With and without a step-up: a card that is <kind>
    Given the EMERCHANTPAY PAYIN request "<kind>"
    And the merchant's reference is "order-{unique}"
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transactionId" is "{transaction id}"

    Examples:
      | kind         |
      | frictionless |
      | challenge    |

@assumes:WorldpayPayInAnswer.message
Feature: Worldpay's answer has a message
  Of Worldpay's answer only data.paymentUrl is shown. We give it the message that other redirects have.

  @sandbox
  Scenario: It is there
    Given a valid WORLDPAY_EU PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "message" is "Successfully"

@assumes:EmerchantpayPayInRequest.card.pan
Feature: How a card number is written for eMerchantPay
  That the card's number is sent is documented, how it is written is not. We take 12 to 19 digits without blanks.

  @sandbox
  Scenario: Digits, without blanks
    Given a valid EMERCHANTPAY PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "card.pan" is "5555 5555 5555 4444"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "card.pan must be 12 to 19 digits"
    And the request has no "card.pan"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: card.pan"

@assumes:EmerchantpayPayInRequest.card.cvv
Feature: How a security code is written for eMerchantPay
  The security code is in the table without a form. We take three or four digits, as text.

  @sandbox
  Scenario Outline: <code> is one
    Given a valid EMERCHANTPAY PAYIN request with:
      | card.cvv | "<code>" |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | code |
      | 123  |
      | 1234 |

  @sandbox
  Scenario: Neither two digits nor nothing
    Given a valid EMERCHANTPAY PAYIN request with:
      | card.cvv | "12" |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "card.cvv must be 3 or 4 digits"
    And the request has no "card.cvv"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: card.cvv"

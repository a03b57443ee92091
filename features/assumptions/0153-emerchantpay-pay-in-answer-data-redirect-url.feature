@assumes:EmerchantpayPayInAnswer.data.redirect_url
Feature: eMerchantPay's answer has an address only for a step-up
  That a step-up redirects the shopper is documented, the name of the field is not. We call it redirect_url, and leave
  it out where the issuer has decided.

  @sandbox
  Scenario: A step-up
    Given the EMERCHANTPAY PAYIN request "challenge"
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.redirect_url" is "<url>"
    And the answer sends the shopper to the provider's page

  @sandbox
  Scenario Outline: No step-up: <kind>
    Given the EMERCHANTPAY PAYIN request "<kind>"
    When the merchant sends it
    Then the answer is a success
    And the answer has no "data.redirect_url"
    And the answer has no redirect URL

    Examples:
      | kind         |
      | frictionless |
      | declined     |

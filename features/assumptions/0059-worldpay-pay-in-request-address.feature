@assumes:WorldpayPayInRequest.address
Feature: Worldpay needs the shopper's address
  An overview ticks a full address for Worldpay; the table that would name its parts is cut off. We require the parts
  that Cleo's table has.

  @sandbox
  Scenario: No address
    Given a valid WORLDPAY_EU PAYIN request without "address"
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: address"

  @sandbox
  Scenario Outline: No <part>
    Given a valid WORLDPAY_EU PAYIN request without "address.<part>"
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: address.<part>"

    Examples:
      | part       |
      | line1      |
      | city       |
      | state      |
      | postalCode |
      | country    |

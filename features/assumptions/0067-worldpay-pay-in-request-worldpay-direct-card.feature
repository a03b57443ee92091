@assumes:WorldpayPayInRequest/worldpay-direct-card
Feature: When Worldpay needs the card
  A configuration chooses between Worldpay's page and the card in the call; both modes are documented, what the card has
  to do with them is not. In direct mode we require it, otherwise we ignore it, whatever it holds.

  @control
  Scenario: Direct: no card, no payment
    Given the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    And a valid WORLDPAY_EU PAYIN request
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: card"

  @control
  Scenario: Direct: with the card there is no page
    Given the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    And the WORLDPAY_EU PAYIN request "direct"
    When the merchant sends it
    Then the answer is a success
    And the answer has no redirect URL
    And the answer's "data.transaction_status" is "Pending"

  @sandbox
  Scenario: By page: an invalid card is ignored
    Given a valid WORLDPAY_EU PAYIN request with:
      | card | json:{"pan": "1", "colour": "gold"} |
    When the merchant sends it
    Then the answer is a success
    And the answer sends the shopper to the provider's page

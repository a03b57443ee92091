@assumes:WorldpayPayInRequest.card
Feature: A card may be sent to Worldpay
  Whether the card may come with the call is left open by a table that is cut off. We accept an object, and look into it
  only where the configuration says that the card is needed.

  @sandbox
  Scenario: May lack; an object, and no text
    Given a valid WORLDPAY_EU PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "card" is "json:{}"
    And the merchant sends it
    Then the answer is a success
    And the request has:
      | card | json:"4444333322221111" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "card must be an object"

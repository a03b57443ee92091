@assumes:NeosurfPayInRequest.merchantReference
Feature: A Neosurf pay-in takes the merchant's reference
  merchantReference is not listed for Neosurf, and the answer's sample has no place for it. We take it, and tell it in
  the webhook.

  @control @webhook
  Scenario: The webhook tells it
    Given a NEOSURF PAYIN payment with:
      | merchantReference | order-{unique} |
    Then a webhook arrives
    And the webhook's "merchantReference" is "<request.merchantReference>"

  @sandbox
  Scenario: It is optional, and must be text, not a number
    Given a valid NEOSURF PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "merchantReference" is "order-7"
    And the merchant sends it
    Then the answer is a success
    And the request's "merchantReference" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "merchantReference must be a string"

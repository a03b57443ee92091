@assumes:TrustPayInRequest/trust-no-card
Feature: A card in a Trust call is refused
  Card data must not be sent to Trust, say the pages; not what happens if they are. We refuse the call, so that a
  merchant's mistake is found in the first test.

  @sandbox
  Scenario Outline: A card is refused, whatever it holds: <card>
    Given a valid TRUST PAYIN request with:
      | card | json:<card> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "card must not be sent"

    Examples:
      | card                        |
      | {"pan": "4111111111111111"} |
      | {}                          |

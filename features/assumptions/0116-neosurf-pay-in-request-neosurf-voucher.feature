@assumes:NeosurfPayInRequest/neosurf-voucher
Feature: A rejected Neosurf voucher
  That a rejection comes in the shape of an error with the provider's own message is documented; with which HTTP status
  is not. We answer 400, at once, and no webhook follows. Which vouchers are rejected in tests is ours.

  @control @webhook
  Scenario Outline: <pin>: <message>
    Given a valid NEOSURF PAYIN request with:
      | voucherPin | <pin> |
    When the merchant sends it
    Then the answer is the error 400 "<message>"
    And the answer has no "errorCode"
    And no further webhook arrives

    Examples:
      | pin        | message                  |
      | SIMNEO0003 | Invalid voucher PIN      |
      | SIMNEO0004 | Voucher already redeemed |

  @control @webhook
  Scenario: One that is taken
    Given a valid NEOSURF PAYIN request with:
      | voucherPin | SIMNEO0001 |
    When the merchant sends it
    Then the answer is a success
    And a webhook arrives
    And the webhook's "transaction_status" is "Approved"

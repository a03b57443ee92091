@control @webhook
Feature: Vouchers
  The test PINs decide. A rejection is answered with 400 and no error code, which tells it from a failed transport; nothing is
  told later.

  Scenario Outline: <psp> rejects a voucher: <reason>
    Given a valid <psp> PAYIN request with:
      | voucherPin | <pin> |
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the answer has:
      | status    | error |
      | isSuccess | false |
      | message   | {text} |
      | errorCode | (absent) |
      | data      | {any} |
    And no further webhook arrives
    And the payment is "declined"

    Examples:
      | psp      | pin              | reason            |
      | NEOSURF  | SIMNEO0003       | INVALID_PIN       |
      | NEOSURF  | SIMNEO0004       | ALREADY_REDEEMED  |
      | NEOSURF  | SIMNEO0005       | CURRENCY_MISMATCH |
      | NEOSURF  | SIMNEO0006       | AMOUNT_MISMATCH   |
      | FLEXEPIN | 9900000000000003 | INVALID_PIN       |
      | FLEXEPIN | 9900000000000004 | ALREADY_REDEEMED  |
      | FLEXEPIN | 9900000000000005 | CURRENCY_MISMATCH |
      | FLEXEPIN | 9900000000000006 | AMOUNT_MISMATCH   |

  @psp:NEOSURF
  Scenario: A Neosurf rejection says why in the provider's words
    Given a valid NEOSURF PAYIN request with:
      | voucherPin | SIMNEO0003 |
    When the merchant sends it
    Then the answer has:
      | message        | Invalid voucher PIN |
      | data.error     | Invalid voucher PIN |
      | data.errorcode | INVALID_PIN         |
    And the answer matches the schema "NeosurfRejection"

  @psp:FLEXEPIN
  Scenario: A Flexepin rejection has the provider's raw answer
    Given a valid FLEXEPIN PAYIN request with:
      | voucherPin | 9900000000000004 |
    When the merchant sends it
    Then the answer matches the schema "FlexepinRejection"

  @psp:NEOSURF
  Scenario: A Neosurf voucher that is looked at for a while
    Given a NEOSURF PAYIN payment with:
      | voucherPin | SIMNEO0002 |
    Then the webhooks tell:
      | pending | Pending  |
      | ok      | Approved |
    And no further webhook arrives

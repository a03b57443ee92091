@assumes:NeosurfRejection.data
Feature: What a rejected Neosurf voucher tells beside its message
  Whether a rejection has data, and what is in it, is shown nowhere. We put the provider's raw answer there: an error
  and its code.

  @control
  Scenario Outline: It has <field>
    Given a valid NEOSURF PAYIN request with:
      | voucherPin | SIMNEO0003 |
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the answer's "<field>" is "<what>"
    And the answer matches the schema "NeosurfRejection"

    @assumes:NeosurfRejection.data.error
    Examples:
      | field      | what                |
      | data.error | Invalid voucher PIN |

    @assumes:NeosurfRejection.data.errorcode
    Examples:
      | field          | what        |
      | data.errorcode | INVALID_PIN |

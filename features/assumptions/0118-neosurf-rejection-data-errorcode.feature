@assumes:NeosurfRejection.data.errorcode
Feature: A rejected Neosurf voucher has a code beside the raw message
  That data.error has the provider's raw message is documented. Whether its code stands there too is shown nowhere: we put it
  beside the message.

  @control
  Scenario: It is there
    Given a valid NEOSURF PAYIN request with:
      | voucherPin | SIMNEO0003 |
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the answer's "data.errorcode" is "INVALID_PIN"
    And the answer matches the schema "NeosurfRejection"

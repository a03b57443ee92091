Feature: The shapes of errors
  Four shapes are documented: the plain one, the one with data instead of errors, the normalised failure between vendor and
  provider, and the server's own.

  @sandbox
  Scenario: A missing field
    Given a valid PAYONE PAYIN request without "email"
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: email"
    And the answer has:
      | status    | error |
      | isSuccess | false |
      | errors    | []    |
    And the answer has no "data"
    And the answer has no "errorCode"
    And the answer matches the schema "Error"

  @sandbox
  Scenario: Broken fields
    Given a valid PAYONE PAYIN request with every field
    And the request has:
      | baseamount | 0        |
      | email      | no-email |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's errors are:
      | baseamount must be greater than 0 |
      | email must be a valid email       |
    And the answer matches the schema "Error"

  @control
  Scenario: No rule
    Given a valid PAYONE PAYIN request
    And the company has no rule for PAYONE
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"
    And the answer lists no errors
    And the answer matches the schema "Error"

  @control
  Scenario: No configuration, in the vendor's own spelling
    Given a valid PAYONE PAYIN request
    And the company has no PAYONE configuration
    When the merchant sends it
    Then the answer is the error 400 "Something went wrong"
    And the answer's "data" is "PSP Configuration not found. Please check you psp Configuration"
    And the answer has no "errors"
    And the answer matches the schema "ErrorWithData"

  @control
  Scenario Outline: A failure between vendor and provider: <code>
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "<scenario>"
    Then the answer is the error <http> "<message>"
    And the answer has:
      | errorCode     | <code>           |
      | transactionId | {transaction id} |
      | errors        | []               |
    And the answer matches the schema "TransportError"
    And the payment is "failed"

    Examples:
      | code                    | http | scenario            | message                                                             |
      | INVALID_PSP_CREDENTIALS | 400  | psp-bad-credentials | Payment could not be processed due to invalid PSP credentials.     |
      | UNKNOWN_PSP_ERROR       | 500  | psp-unknown-error   | An unexpected error occurred. Contact support if it continues.     |

  @control @assumes:transport-errors-http
  Scenario Outline: Of these the code is documented, the rest assumed: <code>
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "<scenario>"
    Then the answer has the HTTP status 500
    And the answer has:
      | errorCode     | <code>           |
      | transactionId | {transaction id} |
      | message       | {text}           |
    And the answer matches the schema "TransportError"

    Examples:
      | code             | scenario         |
      | PSP_TIMEOUT      | psp-timeout      |
      | PSP_UNAVAILABLE  | psp-unavailable  |
      | PSP_RATE_LIMITED | psp-rate-limited |

  @control
  Scenario: The server fails, and the transaction with it
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "internal-server-error"
    Then the answer is the error 500 "Internal server error"
    And the answer's "data" is "Something went wrong"
    And the answer has no "errorCode"
    And the answer matches the schema "ErrorWithData"

  @sandbox
  Scenario Outline: A PIN that no voucher has is rejected without an error code: <psp>
    Given a valid <psp> PAYIN request with:
      | voucherPin | <pin> |
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the answer has:
      | status    | error    |
      | isSuccess | false    |
      | message   | {text}   |
      | errorCode | (absent) |
      | data      | {any}    |

    Examples:
      | psp      | pin              |
      | NEOSURF  | SIMNEO0003       |
      | FLEXEPIN | 9900000000000003 |

  @control
  Scenario: A voucher that is rejected has no error code, so that it can be told from a failed transport
    Given a valid FLEXEPIN PAYIN request
    When the merchant sends it by the scenario "flexepin-already-redeemed"
    Then the answer has the HTTP status 400
    And the answer has no "errorCode"
    And the answer's "data" is "<any>"

@assumes:TrustPayInRequest.currency
Feature: A Trust call says in which currency
  The sample of a Trust call has a currency; that it could not lack is written nowhere. We require it.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "currency" is "GBPS"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be an active ISO 4217 currency code"
    And the request has no "currency"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: currency"

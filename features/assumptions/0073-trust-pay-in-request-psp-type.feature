@assumes:TrustPayInRequest.pspType
Feature: A Trust call says that it is one
  Trust's page does not say which fields are required; even pspType is only in its sample. We require it, for nothing
  else says who shall be paid.

  @sandbox
  Scenario: It is required, in the right form
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "pspType" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "pspType must be a string"
    And the request has no "pspType"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: pspType"

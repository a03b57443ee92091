@assumes:check-order
Feature: The order of checks
  When more than one thing is wrong, the first check that fails answers: the call's form, the company's token, the shopper, the
  body against the contract, the orchestration rule, the provider's configuration, the provider's own rules, the provider.

  @sandbox
  Scenario: The form goes before the company's token
    Given an empty body
    And no company token
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"

  @sandbox
  Scenario: The company's token goes before the shopper's
    Given a valid PAYONE PAYIN request
    And no company token
    And a user token that can't be decoded
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"

  @sandbox
  Scenario: The shopper goes before the body
    Given a valid PAYONE PAYIN request without "phone"
    And no user token
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"

  @control
  Scenario: The body goes before the rule
    Given a valid PAYONE PAYIN request without "phone"
    And the company has no rule for PAYONE
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: phone"

  @control
  Scenario: The rule goes before the configuration
    Given a valid PAYONE PAYIN request
    And the company has no rule for PAYONE
    And the company has no PAYONE configuration
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"

  @control
  Scenario: The configuration goes before the provider's own rules
    Given a valid GIGADAT PAYIN request
    And the amount is "100"
    And the company has no GIGADAT configuration
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the answer's "data" is "PSP Configuration not found. Please check you psp Configuration"

  @control
  Scenario: The provider's own rules go before the provider
    Given a valid GIGADAT PAYIN request
    And the amount is "100"
    And GIGADAT is down
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"

@assumes:check-order
Feature: What is looked at first
  No page says in which order a call is checked, and so what is told when more than one thing is wrong. We check the
  call's form, the company, the shopper, the body, the rule, the configuration and the provider's own rules, in this
  order; the first that fails answers.

  @sandbox
  Scenario: The form, then the company
    Given an empty body
    And no company token
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"

  @sandbox
  Scenario: The company, then the shopper
    Given a valid TRUST PAYIN request without "currency"
    And no company token
    And a user token without "email"
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"

  @sandbox
  Scenario: The shopper, then the body
    Given a valid TRUST PAYIN request without "currency"
    And a user token without "email"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer contains "email"

  @control
  Scenario: The body, then the rule, the configuration, the provider
    Given a valid GIGADAT PAYIN request without "name"
    And the amount is "100"
    And the company has no rule for GIGADAT
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: name"
    And the request's "name" is "Jane Doe"
    And the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"
    And the company has a rule for GIGADAT and the brand "gold"
    And the company has no GIGADAT configuration
    And the request's "brandId" is "gold"
    And the merchant sends it
    Then the answer is the error 400 "Something went wrong"
    And the company's GIGADAT configuration has:
      | accountName | shop |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "baseamount must be written with exactly two decimals, such as 100.00"

@control
Feature: A password that has expired forbids everything
  A valid token whose company may not act is answered with 403.

  Scenario: The company's password has expired
    Given a valid PAYONE PAYIN request
    And the company's password has expired
    When the merchant sends it
    Then the answer is the error 403 "Password expired"
    And the answer lists no errors
    And the answer matches the contract
    And the company has 0 payments

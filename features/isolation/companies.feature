@control @webhook
Feature: Companies don't meet
  Each company has its own credentials, rules, providers, payments and webhooks.

  Scenario: Another company's payments and webhooks are its own
    Given another company
    And a PAYONE PAYIN payment
    Then a webhook arrives
    And the company has 1 payment
    And the other company has 0 payments
    And the other company got no webhook

  Scenario: One company's rules are not another's
    Given another company
    And the company has no rule for PAYONE
    And a valid PAYONE PAYIN request
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"
    And the other company calls
    And the merchant sends it
    Then the answer is a success

  Scenario: One company's outage is not another's
    Given another company
    And PAYONE is down
    And a valid PAYONE PAYIN request
    When the other company calls
    And the merchant sends it
    Then the answer is a success

  Scenario: A token of no known company is refused
    Given a valid PAYONE PAYIN request
    And an unknown company token
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"
    And the company has 0 payments

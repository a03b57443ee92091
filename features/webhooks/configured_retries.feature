@rule:RetrySchedule
Feature: A merchant may set its own retry schedule
  When webhooks are tried again is not documented, and so not whether a merchant may choose. In the simulator a
  configuration may list how long to wait after each failure, at most twenty times.

  @control @webhook
  Scenario: Two steps of our own
    Given the company's CLEO configuration has:
      | retrySchedule | json:["1m", "90s"] |
    And a CLEO PAYIN payment
    And the merchant's handler fails 9 times
    When the shopper approves
    And 1s passes
    Then 1 webhook has arrived
    And 1m passes
    Then 2 webhooks have arrived
    And 90s pass
    Then 3 webhooks have arrived
    And no further webhook arrives

  @control @webhook
  Scenario: No second attempt at all
    Given the company's CLEO configuration has:
      | retrySchedule | json:[] |
    And a CLEO PAYIN payment
    And the merchant's handler fails 9 times
    When the shopper approves
    Then a webhook arrives
    And no further webhook arrives

  @control
  Scenario Outline: <schedule> is no retry schedule
    Given a valid CLEO PAYIN request
    Then the back office refuses a CLEO configuration with:
      | retrySchedule | json:<schedule> |

    Examples:
      | schedule |
      | ["soon"] |
      | "10s"    |

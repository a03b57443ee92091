@control @webhook
Feature: Webhooks that the merchant doesn't take are sent again
  A webhook that is not answered with 2xx is a failed delivery. The vendor says that it may be tried again; when is assumed:
  after 10 s, 30 s, 2 min, 10 min and 1 h. Then it is given up.

  Scenario: The handler fails once
    Given a PAYONE PAYIN payment
    And the merchant's handler fails 1 time
    When the shopper approves
    And 1s passes
    Then 1 webhook has arrived
    And 8s pass
    Then 1 webhook has arrived
    And 1s passes
    Then 2 webhooks have arrived
    And the webhooks are the same
    And no further webhook arrives

  @assumes:webhook-retries
  Scenario: The handler never recovers
    Given a PAYONE PAYIN payment
    And the merchant's handler fails 10 times
    When the shopper approves
    And 1s passes
    Then 1 webhook has arrived
    And 10s pass
    Then 2 webhooks have arrived
    And 30s pass
    Then 3 webhooks have arrived
    And 2m pass
    Then 4 webhooks have arrived
    And 10m pass
    Then 5 webhooks have arrived
    And 1h passes
    Then 6 webhooks have arrived
    And the webhooks are the same
    And no further webhook arrives

  Scenario Outline: Only 2xx takes a webhook; <status> does not
    Given a TRUST PAYIN payment
    And the merchant's handler answers "<status>"
    When the shopper approves
    Then 2 more webhooks arrive
    And no further webhook arrives

    Examples:
      | status |
      | 302    |
      | 400    |
      | 404    |
      | 429    |
      | 503    |

  Scenario Outline: <status> takes it
    Given a TRUST PAYIN payment
    And the merchant's handler answers "<status>"
    When the shopper approves
    Then a webhook arrives
    And no further webhook arrives

    Examples:
      | status |
      | 200    |
      | 202    |
      | 204    |

  Scenario: A retry schedule of the merchant's own
    Given the company's PAYONE configuration has:
      | retrySchedule | json:["1m"] |
    And a PAYONE PAYIN payment
    And the merchant's handler fails 3 times
    When the shopper approves
    And 1s passes
    Then 1 webhook has arrived
    And 1m passes
    Then 2 webhooks have arrived
    And no further webhook arrives

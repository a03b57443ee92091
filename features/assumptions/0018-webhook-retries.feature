@assumes:webhook-retries
Feature: When a webhook is tried again
  That a failed webhook may be tried again is documented, at what times and how often is not. We try after 10 s, 30 s, 2
  min, 10 min and 1 h, and then give up.

  @control @webhook
  Scenario: Six attempts and no more
    Given a CLEO PAYIN payment
    And the merchant's handler fails 20 times
    When the shopper approves
    And 1s passes
    Then 1 webhook has arrived
    And 8s pass
    Then 1 webhook has arrived
    And 1s passes
    Then 2 webhooks have arrived
    And 30s pass
    Then 3 webhooks have arrived
    And 2m pass
    Then 4 webhooks have arrived
    And 10m pass
    Then 5 webhooks have arrived
    And 59m pass
    Then 5 webhooks have arrived
    And 1m passes
    Then 6 webhooks have arrived
    And no further webhook arrives

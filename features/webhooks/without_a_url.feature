@rule:no-webhook-url
Feature: Without a webhook URL there is the simulator's inbox
  Most providers' configurations need a webhookUrl, for others the pages leave it open what happens without one. In the
  simulator it may lack everywhere: the webhooks then lie in its own inbox, where people and tests can read them.

  @control @webhook
  Scenario: The merchant gets nothing, the inbox all
    Given the company's PAYONE configuration has no "webhookUrl"
    And a PAYONE PAYIN payment
    When everything that is due happens
    Then the payment is "approved"
    And 0 webhooks have arrived
    And the simulator's inbox has 1 webhook

@rule:WebhookSecret
Feature: Where a secured webhook's secret comes from
  That webhooks can be secured by a shared secret is documented, not where that is set. In the simulator it is a field
  of the provider's configuration, of at most 256 characters, and not empty.

  @control @webhook
  Scenario: It is taken from the configuration
    Given the company's CLEO configuration has:
      | isWebhookSecured | json:true              |
      | webhookSecret    | a-secret-between-us-10 |
    And a CLEO PAYIN payment
    Then a webhook arrives
    And the webhook has the header "Authorization" "/a-secret-between-us-10$/"

  @control
  Scenario Outline: <what> is no secret
    Given a valid CLEO PAYIN request
    Then the back office refuses a CLEO configuration with:
      | webhookSecret | <secret> |

    Examples:
      | what           | secret                                                                                                                                                                                                                                                            |
      | nothing        | (empty)                                                                                                                                                                                                                                                           |
      | 257 characters | sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss |

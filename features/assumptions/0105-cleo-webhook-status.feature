@assumes:CleoWebhook.status
Feature: Cleo's own words in webhooks
  A webhook's status is the provider's raw word, and nothing is public about Cleo's. We say pending, approved, rejected
  and expired.

  @sandbox @webhook @shopper
  Scenario: A transfer that arrives
    Given a CLEO PAYIN payment
    When the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook has:
      | status             | approved |
      | transaction_status | Approved |

  @control @webhook
  Scenario Outline: After <decision>
    Given a CLEO PAYIN payment by the scenario "shopper-by-hand"
    When <decision>
    Then a webhook arrives
    And the webhook has:
      | status             | <word>   |
      | transaction_status | Declined |

    Examples:
      | decision                    | word     |
      | the provider declines       | rejected |
      | the provider's page expires | expired  |

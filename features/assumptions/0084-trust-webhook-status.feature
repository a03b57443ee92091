@assumes:TrustWebhook.status
Feature: Trust's own words in webhooks
  A webhook's status is the provider's raw word. Trust publishes error codes and settle statuses and no words. We say
  authorised, settled, declined, cancelled and expired.

  @sandbox @webhook @shopper
  Scenario: A card that is good
    Given a TRUST PAYIN payment
    When the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook has:
      | status             | authorised |
      | transaction_status | Approved   |

  @control @webhook
  Scenario Outline: After <decision>
    Given a TRUST PAYIN payment by the scenario "shopper-by-hand"
    When <decision>
    Then a webhook arrives
    And the webhook has:
      | status             | <word>   |
      | transaction_status | Declined |

    Examples:
      | decision                    | word      |
      | the provider declines       | declined  |
      | the shopper cancels         | cancelled |
      | the provider's page expires | expired   |

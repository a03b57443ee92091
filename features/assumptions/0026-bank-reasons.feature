@assumes:bank-reasons
Feature: Why Payone's and Cleo's banks decline
  Neither of the two publishes the reasons for which it declines. We take three that any bank has, and expect the webhook's
  message to name the reason.

  @control @webhook
  Scenario: A bank that declines
    Given a PAYONE PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    And the shopper sends the page's form:
      | do   | confirm            |
      | bank | insufficient_funds |
    Then the page shows "decided"
    And the payment is "Declined"
    And a webhook arrives
    And the webhook has:
      | message | Transaction declined: insufficient_funds |

@assumes:return-pause
Feature: The outcome is shown for a moment
  Whether the shopper sees the outcome on the provider's page before being sent back is not documented. We show it for
  three seconds; then the page goes on by itself. An address that leads nowhere, such as those that are reserved for
  examples, is not gone to.

  @control
  Scenario: A page that was just decided goes on
    Given the company's PAYONE configuration has:
      | siteUrl | http://localhost:3000 |
    And a PAYONE PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    And the shopper sends the page's form:
      | do | approve |
    Then the page shows "decided"
    And the page offers "returning"
    And the page contains "3;url="

  @control
  Scenario: One that was decided before stays
    Given the company's PAYONE configuration has:
      | siteUrl | http://localhost:3000 |
    And a PAYONE PAYIN payment by the scenario "shopper-by-hand"
    When the shopper approves
    And the shopper opens the provider's page
    Then the page shows "decided"
    And the page does not offer "returning"
    And the page offers "return-link"

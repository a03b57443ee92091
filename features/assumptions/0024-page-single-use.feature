@assumes:page-single-use
Feature: What uses up Trust's page
  Trust's page is for single use and expires after five minutes, says the documentation; not what counts as a use. We
  count the decision: to open the page is no use yet, and a declined card shows the form again.

  @control
  Scenario: Opened twice, and still open
    Given a TRUST PAYIN payment by the scenario "shopper-by-hand"
    When the shopper opens the provider's page
    And the shopper opens the provider's page
    Then the page shows "card"
    And the page offers "card-pay"

  @control
  Scenario: A declined card, then another try
    Given a TRUST PAYIN payment by the scenario "shopper-by-hand"
    When the provider declines
    And the shopper opens the provider's page
    Then the page shows "card"
    And the page offers "alert"
    And the page offers "card-pay"

  @control
  Scenario: Paid, and used
    Given a TRUST PAYIN payment by the scenario "shopper-by-hand"
    When the shopper approves
    And the shopper opens the provider's page
    Then the page shows "used"
    And the page does not offer "card-pay"

@assumes:return-result
Feature: What coming back says
  That coming back proves nothing is documented; with what words a shopper comes back is not. We say what the shopper
  has seen: success once it was paid, even before any webhook; only crypto comes back as pending until the chain has
  confirmed it.

  @control @webhook
  Scenario: Paid, and not notified yet
    Given a PAYONE PAYIN payment
    When the shopper approves
    And the shopper goes back to the shop
    Then 0 webhooks have arrived
    And the shopper lands with:
      | status | success |

  @control
  Scenario: Crypto that is not confirmed yet
    Given a FORUMPAY PAYIN payment
    And the company's FORUMPAY configuration has:
      | siteUrl | https://shop.example |
    When the shopper approves
    And the shopper goes back to the shop
    Then the shopper lands with:
      | status | pending |
    And everything that is due happens
    And the shopper goes back to the shop
    Then the shopper lands with:
      | status | success |

Feature: The shopper's way there and back
  The redirect URL leads to the provider's page. The shopper may come back, or not; coming back proves nothing.

  @control
  Scenario Outline: <psp>'s page opens
    Given a <psp> PAYIN payment
    When the shopper opens the provider's page
    Then the page answers 200

    Examples:
      | psp         |
      | FORUMPAY    |
      | GIGADAT     |
      | WORLDPAY_EU |
      | TRUST       |
      | CLEO        |
      | PAYONE      |
      | BRITE       |

  @control @webhook
  Scenario: Coming back first credits nothing: the webhook does
    Given a PAYONE PAYIN payment by the scenario "shopper-returns-first"
    Then the answer is a success
    And 0 webhooks have arrived
    When everything that is due happens
    Then 1 webhook has arrived
    And the webhook's "transaction_status" is "Approved"

  @control @webhook
  Scenario: Coming back twice is no second payment
    Given a PAYONE PAYIN payment by the scenario "shopper-returns-twice"
    When everything that is due happens
    Then 1 webhook has arrived
    And the company has 1 payment

  @control @webhook
  Scenario: A shopper who closes the tab has paid all the same
    Given a PAYONE PAYIN payment by the scenario "shopper-closes-the-tab"
    When everything that is due happens
    Then 1 webhook has arrived
    And the webhook's "transaction_status" is "Approved"

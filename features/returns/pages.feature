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
    And everything that is due happens
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

  @control @assumes:return-urls
  Scenario Outline: The way back after <decision>
    Given a PAYONE PAYIN payment
    When <decision>
    And the shopper goes back to the shop
    Then the page answers 303
    And the shopper lands on "https://shop.example/payment/<place>"
    And the shopper lands with:
      | transactionId | {answer.data.transactionId} |
      | status        | <status>                    |

    Examples:
      | decision              | place   | status    |
      | the shopper approves  | success | success   |
      | the provider declines | failure | failure   |
      | the shopper cancels   | failure | cancelled |

  @control @assumes:return-urls
  Scenario: Back before anything is decided
    Given a BRITE PAYIN payment
    When the shopper goes back to the shop
    Then the shopper lands on "https://shop.example/payment/pending"
    And the shopper lands with:
      | status | pending |

  @control @psp:TRUST
  Scenario Outline: The call's own URLs go before the configured site: after <decision>
    Given a TRUST PAYIN payment with:
      | hppSuccessUrl | https://shop.example/thanks?order=7 |
      | hppFailureUrl | https://shop.example/sorry?order=7  |
    When <decision>
    And the shopper goes back to the shop
    Then the shopper lands on "https://shop.example/<place>"
    And the shopper lands with:
      | order | 7 |

    Examples:
      | decision              | place  |
      | the shopper approves  | thanks |
      | the provider declines | sorry  |
      | the shopper cancels   | sorry  |

  @control @webhook
  Scenario: Coming back tells nothing: the webhook is the same, whenever the shopper came
    Given a PAYONE PAYIN payment
    When the shopper goes back to the shop
    Then 0 webhooks have arrived
    And the shopper approves
    Then a webhook arrives
    And the webhook's "transaction_status" is "Approved"
    And no further webhook arrives

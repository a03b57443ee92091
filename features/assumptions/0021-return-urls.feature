@assumes:return-urls
Feature: Where shoppers come back to
  What follows siteUrl when a shopper is sent back is not documented. We take /payment/success, /payment/failure or
  /payment/pending and add transactionId and status to the query.

  @control
  Scenario Outline: After <decision>
    Given a CLEO PAYIN payment
    When <decision>
    And the shopper goes back to the shop
    Then the shopper lands on "https://shop.example/payment/<place>"
    And the shopper lands with:
      | transactionId | {answer.data.transactionId} |
      | status        | <status>                    |

    Examples:
      | decision              | place   | status    |
      | the shopper approves  | success | success   |
      | the provider declines | failure | failure   |
      | the shopper cancels   | failure | cancelled |

  @control
  Scenario: Before anything is decided
    Given a CLEO PAYIN payment by the scenario "shopper-by-hand"
    When the shopper goes back to the shop
    Then the shopper lands on "https://shop.example/payment/pending"
    And the shopper lands with:
      | status | pending |

  @control
  Scenario: A site's own path and query stay
    Given the company's CLEO configuration has:
      | siteUrl | https://shop.example/de?lang=de |
    And a CLEO PAYIN payment
    When the shopper approves
    And the shopper goes back to the shop
    Then the shopper lands on "https://shop.example/de/payment/success"
    And the shopper lands with:
      | lang   | de      |
      | status | success |

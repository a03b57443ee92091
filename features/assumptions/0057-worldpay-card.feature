@assumes:WorldpayCard
Feature: How a card is written for Worldpay
  That card data may be sent to Worldpay is ticked in an overview; the table that would name the fields is cut off. We
  ask for number, expiry, security code and name, in the words of the provider's own forms.

  @control
  Scenario: A card that has all of it
    Given the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    And the WORLDPAY_EU PAYIN request "direct"
    When the merchant sends it
    Then the answer is a success
    And the answer has no redirect URL

  @control
  Scenario Outline: <field> is required and must not be <wrong>
    Given the company's WORLDPAY_EU configuration has:
      | integrationMode | direct |
    And the WORLDPAY_EU PAYIN request "direct"
    And the request has:
      | card.<field> | <wrong> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "card.<field> <says>"
    And the request has no "card.<field>"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: card.<field>"

    @assumes:WorldpayCard.pan
    Examples:
      | field | wrong       | says                      |
      | pan   | "5555 5555" | must have 12 to 19 digits |

    @assumes:WorldpayCard.expiry
    Examples:
      | field  | wrong | says                    |
      | expiry | 03/30 | must be written MM/YYYY |

    @assumes:WorldpayCard.cvv
    Examples:
      | field | wrong | says                    |
      | cvv   | "12"  | must have 3 or 4 digits |

    @assumes:WorldpayCard.name_on_card
    Examples:
      | field        | wrong   | says              |
      | name_on_card | (empty) | must not be empty |

@assumes:BritePayInAnswer
Feature: What Brite answers
  That a shopper is sent to Brite's page is documented, the answer that does so is not. We take the envelope of the
  other redirects.

  @sandbox
  Scenario: The shopper is sent to a page
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox
  Scenario Outline: It has <field>
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer's "<field>" is "<what>"

    @assumes:BritePayInAnswer.status
    Examples:
      | field  | what    |
      | status | success |

    @assumes:BritePayInAnswer.message
    Examples:
      | field   | what         |
      | message | Successfully |

    @assumes:BritePayInAnswer.isSuccess
    Examples:
      | field     | what |
      | isSuccess | true |

    @assumes:BritePayInAnswer.data
    Examples:
      | field | what  |
      | data  | <any> |

@assumes:EmerchantpayPayInAnswer
Feature: What eMerchantPay answers
  That the issuer either decides at once or asks for a step-up is documented; the fields and the message of these two
  answers are not. We give both the same envelope, and transaction_status says which of the two it is.

  @sandbox
  Scenario Outline: The answer for a card that is <kind>
    Given the EMERCHANTPAY PAYIN request "<kind>"
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "<status>"
    And the answer matches the contract

    @assumes:EmerchantpayPayInAnswer.data.transaction_status
    Examples:
      | kind         | status   |
      | frictionless | Approved |
      | declined     | Declined |
      | challenge    | Pending  |

  @sandbox
  Scenario Outline: It has <field>
    Given a valid EMERCHANTPAY PAYIN request
    When the merchant sends it
    Then the answer's "<field>" is "<what>"

    @assumes:EmerchantpayPayInAnswer.status
    Examples:
      | field  | what    |
      | status | success |

    @assumes:EmerchantpayPayInAnswer.message
    Examples:
      | field   | what   |
      | message | <text> |

    @assumes:EmerchantpayPayInAnswer.isSuccess
    Examples:
      | field     | what |
      | isSuccess | true |

    @assumes:EmerchantpayPayInAnswer.data
    Examples:
      | field | what  |
      | data  | <any> |

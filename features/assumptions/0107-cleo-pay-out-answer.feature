@assumes:CleoPayOutAnswer
Feature: What Cleo answers to a pay-out
  How a pay-out by Cleo is acknowledged is shown nowhere. We take the pay-in's message and a status, and no address: the
  shopper has nothing to do.

  @sandbox
  Scenario: Nobody is sent anywhere
    Given a valid CLEO PAYOUT request
    When the merchant sends it
    Then the answer is a success
    And the answer has no redirect URL
    And the answer matches the contract

  @sandbox
  Scenario Outline: It has <field>
    Given a valid CLEO PAYOUT request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "<field>" is "<what>"

    @assumes:CleoPayOutAnswer.status
    Examples:
      | field  | what    |
      | status | success |

    @assumes:CleoPayOutAnswer.message
    Examples:
      | field   | what         |
      | message | Successfully |

    @assumes:CleoPayOutAnswer.isSuccess
    Examples:
      | field     | what |
      | isSuccess | true |

    @assumes:CleoPayOutAnswer.data
    Examples:
      | field | what  |
      | data  | <any> |

    @assumes:CleoPayOutAnswer.data.status
    Examples:
      | field       | what    |
      | data.status | PENDING |

    @assumes:CleoPayOutAnswer.data.transactionId
    Examples:
      | field              | what             |
      | data.transactionId | <transaction id> |

    @assumes:CleoPayOutAnswer.data.merchantReference
    Examples:
      | field                  | what                        |
      | data.merchantReference | <request.merchantReference> |

    @assumes:CleoPayOutAnswer.data.amount
    Examples:
      | field       | what                 |
      | data.amount | <request.baseamount> |

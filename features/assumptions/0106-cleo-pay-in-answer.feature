@assumes:CleoPayInAnswer
Feature: What Cleo answers to a pay-in
  No sample of Cleo's answer to a pay-in is public, not even which field has the redirect URL. We answer as the other
  redirects do, with data.url.

  @sandbox
  Scenario: The shopper is sent to a page
    Given a valid CLEO PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox
  Scenario Outline: It has <field>
    Given a valid CLEO PAYIN request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "<field>" is "<what>"

    @assumes:CleoPayInAnswer.status
    Examples:
      | field  | what    |
      | status | success |

    @assumes:CleoPayInAnswer.message
    Examples:
      | field   | what         |
      | message | Successfully |

    @assumes:CleoPayInAnswer.isSuccess
    Examples:
      | field     | what |
      | isSuccess | true |

    @assumes:CleoPayInAnswer.data
    Examples:
      | field | what  |
      | data  | <any> |

    @assumes:CleoPayInAnswer.data.status
    Examples:
      | field       | what    |
      | data.status | PENDING |

    @assumes:CleoPayInAnswer.data.url
    Examples:
      | field    | what  |
      | data.url | <url> |

    @assumes:CleoPayInAnswer.data.sessionId
    Examples:
      | field          | what   |
      | data.sessionId | <uuid> |

    @assumes:CleoPayInAnswer.data.transactionId
    Examples:
      | field              | what             |
      | data.transactionId | <transaction id> |

    @assumes:CleoPayInAnswer.data.merchantReference
    Examples:
      | field                  | what                        |
      | data.merchantReference | <request.merchantReference> |

    @assumes:CleoPayInAnswer.data.amount
    Examples:
      | field       | what                 |
      | data.amount | <request.baseamount> |

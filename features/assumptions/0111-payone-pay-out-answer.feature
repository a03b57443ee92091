@assumes:PayonePayOutAnswer
Feature: What Payone answers to a pay-out
  Payone's pay-in answer is shown, its pay-out answer is not. We take the same without redirect_url.

  @sandbox
  Scenario: Nobody is sent anywhere
    Given a valid PAYONE PAYOUT request
    When the merchant sends it
    Then the answer is a success
    And the answer has no redirect URL
    And the answer matches the contract

  @sandbox
  Scenario Outline: It has <field>
    Given a valid PAYONE PAYOUT request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "<field>" is "<what>"

    @assumes:PayonePayOutAnswer.status
    Examples:
      | field  | what    |
      | status | success |

    @assumes:PayonePayOutAnswer.message
    Examples:
      | field   | what                               |
      | message | Transaction successfully processed |

    @assumes:PayonePayOutAnswer.isSuccess
    Examples:
      | field     | what |
      | isSuccess | true |

    @assumes:PayonePayOutAnswer.data
    Examples:
      | field | what  |
      | data  | <any> |

    @assumes:PayonePayOutAnswer.data.success
    Examples:
      | field        | what |
      | data.success | true |

    @assumes:PayonePayOutAnswer.data.message
    Examples:
      | field        | what                                     |
      | data.message | Transaction successfully Ongoing Process |

    @assumes:PayonePayOutAnswer.data.transaction_status
    Examples:
      | field                   | what    |
      | data.transaction_status | Pending |

    @assumes:PayonePayOutAnswer.data.transactionId
    Examples:
      | field              | what             |
      | data.transactionId | <transaction id> |

    @assumes:PayonePayOutAnswer.data.merchantReference
    Examples:
      | field                  | what                        |
      | data.merchantReference | <request.merchantReference> |

    @assumes:PayonePayOutAnswer.data.amount
    Examples:
      | field       | what                 |
      | data.amount | <request.baseamount> |

@assumes:GigadatPayOutAchRequest
Feature: What a pay-out to a bank account is made of
  That Gigadat pays out by ACH is documented by name only: no page shows such a call. We take the fields of the
  e-transfer's sample, without requiring the mobile number, and the three numbers by which a Canadian account is known.

  @sandbox
  Scenario: A pay-out with all that we think it needs
    Given a valid GIGADAT PAYOUT ACH request
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | data.payoutType | ACH               |
      | data.method     | AWAITING_APPROVAL |
    And the answer matches the contract

  @sandbox
  Scenario Outline: <field> is required and must not be <wrong>
    Given a valid GIGADAT PAYOUT ACH request
    And the request has:
      | <field> | <wrong> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the request has no "<field>"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: <field>"

    @assumes:GigadatPayOutAchRequest.pspType
    Examples:
      | field   | wrong  | says                     |
      | pspType | json:7 | pspType must be a string |

    @assumes:GigadatPayOutAchRequest.type
    Examples:
      | field | wrong  | says                  |
      | type  | json:7 | type must be a string |

    @assumes:GigadatPayOutAchRequest.name
    Examples:
      | field | wrong   | says                   |
      | name  | (empty) | name must not be empty |

    @assumes:GigadatPayOutAchRequest.email
    Examples:
      | field | wrong | says                        |
      | email | jane@ | email must be a valid email |

    @assumes:GigadatPayOutAchRequest.baseamount
    Examples:
      | field      | wrong     | says                              |
      | baseamount | json:0.00 | baseamount must be greater than 0 |

    @assumes:GigadatPayOutAchRequest.currency
    Examples:
      | field    | wrong | says                         |
      | currency | EUR   | currency must be one of: CAD |

    @assumes:GigadatPayOutAchRequest.userId
    Examples:
      | field  | wrong   | says                     |
      | userId | (empty) | userId must not be empty |

    @assumes:GigadatPayOutAchRequest.userIp
    Examples:
      | field  | wrong   | says                         |
      | userIp | at home | userIp must be an IP address |

    @assumes:GigadatPayOutAchRequest.institutionNumber
    Examples:
      | field             | wrong | says                                         |
      | institutionNumber | 81    | institutionNumber must have exactly 3 digits |

    @assumes:GigadatPayOutAchRequest.transitNumber
    Examples:
      | field         | wrong  | says                                     |
      | transitNumber | 302011 | transitNumber must have exactly 5 digits |

    @assumes:GigadatPayOutAchRequest.accountNumber
    Examples:
      | field         | wrong  | says                                   |
      | accountNumber | 123456 | accountNumber must have 7 to 12 digits |

  @sandbox
  Scenario Outline: <field> may lack, or be <right>, but not <wrong>
    Given a valid GIGADAT PAYOUT ACH request
    And the request has:
      | <field> | <right> |
    When the merchant sends it
    Then the answer is a success
    And the request has:
      | <field> | <wrong> |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the request has no "<field>"
    And the merchant sends it
    Then the answer is a success

    @assumes:GigadatPayOutAchRequest.mobile
    Examples:
      | field  | right         | wrong   | says                     |
      | mobile | +447700900142 | (empty) | mobile must not be empty |

    @assumes:GigadatPayOutAchRequest.brandId
    Examples:
      | field   | right | wrong  | says                     |
      | brandId | gold  | json:7 | brandId must be a string |

    @assumes:GigadatPayOutAchRequest.isTestMode
    Examples:
      | field      | right | wrong     | says                         |
      | isTestMode | true  | json:"no" | isTestMode must be a boolean |

    @assumes:GigadatPayOutAchRequest.merchantReference
    Examples:
      | field             | right    | wrong  | says                               |
      | merchantReference | payout-7 | json:7 | merchantReference must be a string |

    @assumes:GigadatPayOutAchRequest.country
    Examples:
      | field   | right | wrong  | says                                     |
      | country | CA    | Kanada | country must be an ISO 3166 country code |

  @sandbox
  Scenario Outline: An account number of <digits> digits
    Given a valid GIGADAT PAYOUT ACH request with:
      | accountNumber | "<number>" |
    When the merchant sends it
    Then the answer has the HTTP status <http>

    Examples:
      | digits | number        | http |
      | 7      | 1234567       | 200  |
      | 12     | 123456789012  | 200  |
      | 13     | 1234567890123 | 400  |

@assumes:CleoPayOutRequest
Feature: What a Cleo pay-out is made of
  That Cleo pays out is documented, no field of such a call is. We take those of the pay-in, the same ones required.

  @sandbox
  Scenario: A pay-out with the fields of a pay-in
    Given a valid CLEO PAYOUT request
    When the merchant sends it
    Then the answer is a success
    And the answer matches the contract

  @sandbox
  Scenario Outline: <field> is required and must not be <wrong>
    Given a valid CLEO PAYOUT request
    And the request has:
      | <field> | <wrong> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "<says>"
    And the request has no "<field>"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: <field>"

    @assumes:CleoPayOutRequest.pspType
    Examples:
      | field   | wrong  | says                     |
      | pspType | json:7 | pspType must be a string |

    @assumes:CleoPayOutRequest.type
    Examples:
      | field | wrong  | says                  |
      | type  | json:7 | type must be a string |

    @assumes:CleoPayOutRequest.baseamount
    Examples:
      | field      | wrong  | says                              |
      | baseamount | json:0 | baseamount must be greater than 0 |

    @assumes:CleoPayOutRequest.currency
    Examples:
      | field    | wrong | says                                   |
      | currency | USD   | currency must be one of: CLP, PEN, MXN |

    @assumes:CleoPayOutRequest.currencyCode
    Examples:
      | field        | wrong | says                                       |
      | currencyCode | USD   | currencyCode must be one of: CLP, PEN, MXN |

    @assumes:CleoPayOutRequest.userId
    Examples:
      | field  | wrong   | says                     |
      | userId | (empty) | userId must not be empty |

    @assumes:CleoPayOutRequest.email
    Examples:
      | field | wrong   | says                        |
      | email | valeria | email must be a valid email |

    @assumes:CleoPayOutRequest.firstName
    Examples:
      | field     | wrong   | says                        |
      | firstName | (empty) | firstName must not be empty |

    @assumes:CleoPayOutRequest.lastName
    Examples:
      | field    | wrong   | says                       |
      | lastName | (empty) | lastName must not be empty |

    @assumes:CleoPayOutRequest.phone
    Examples:
      | field | wrong  | says                              |
      | phone | +52 55 | phone must have at least 6 digits |

    @assumes:CleoPayOutRequest.gender
    Examples:
      | field  | wrong   | says                     |
      | gender | (empty) | gender must not be empty |

    @assumes:CleoPayOutRequest.dob
    Examples:
      | field | wrong      | says                                  |
      | dob   | 30.07.1993 | dob must be a date written YYYY-MM-DD |

    @assumes:CleoPayOutRequest.countryCode
    Examples:
      | field       | wrong | says                                   |
      | countryCode | BR    | countryCode must be one of: CL, PE, MX |

    @assumes:CleoPayOutRequest.kycVerified
    Examples:
      | field       | wrong  | says                          |
      | kycVerified | "true" | kycVerified must be a boolean |

    @assumes:CleoPayOutRequest.blocked
    Examples:
      | field   | wrong | says                      |
      | blocked | "no"  | blocked must be a boolean |

    @assumes:CleoPayOutRequest.isVelocity
    Examples:
      | field      | wrong  | says                         |
      | isVelocity | json:1 | isVelocity must be a boolean |

    @assumes:CleoPayOutRequest.transactionCount
    Examples:
      | field            | wrong  | says                              |
      | transactionCount | json:4 | transactionCount must be a string |

    @assumes:CleoPayOutRequest.userBalance
    Examples:
      | field       | wrong | says                         |
      | userBalance | "0"   | userBalance must be a number |

    @assumes:CleoPayOutRequest.partnerName
    Examples:
      | field       | wrong   | says                          |
      | partnerName | (empty) | partnerName must not be empty |

    @assumes:CleoPayOutRequest.emailVerification
    Examples:
      | field             | wrong  | says                                            |
      | emailVerification | json:1 | emailVerification must be a string or a boolean |

    @assumes:CleoPayOutRequest.verificationDate
    Examples:
      | field            | wrong     | says                                               |
      | verificationDate | yesterday | verificationDate must be a date written YYYY-MM-DD |

    @assumes:CleoPayOutRequest.address
    Examples:
      | field   | wrong  | says                      |
      | address | "Lima" | address must be an object |

  @sandbox
  Scenario Outline: <field> may lack, or be <right>, but not <wrong>
    Given a valid CLEO PAYOUT request
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

    @assumes:CleoPayOutRequest.brandId
    Examples:
      | field   | right | wrong  | says                     |
      | brandId | gold  | json:7 | brandId must be a string |

    @assumes:CleoPayOutRequest.bonusCode
    Examples:
      | field     | right     | wrong   | says                       |
      | bonusCode | WELCOME10 | json:10 | bonusCode must be a string |

    @assumes:CleoPayOutRequest.isTestMode
    Examples:
      | field      | right | wrong     | says                         |
      | isTestMode | true  | json:"no" | isTestMode must be a boolean |

    @assumes:CleoPayOutRequest.merchantReference
    Examples:
      | field             | right    | wrong  | says                               |
      | merchantReference | payout-7 | json:7 | merchantReference must be a string |

    @assumes:CleoPayOutRequest.country
    Examples:
      | field   | right | wrong  | says                                     |
      | country | MX    | Mexico | country must be an ISO 3166 country code |

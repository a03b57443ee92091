@assumes:brand-rules
Feature: A brand's own rule goes before the company's
  That rules may be made for a sub-brand is documented, not which one decides when there is one for the brand and one
  for the company. We look at the brand's first; the company's decides for brands without one, and for calls that name
  none.

  @control
  Scenario: The brand's rule is switched off, the company's is not
    Given a valid PAYONE PAYIN request with:
      | brandId | silver |
    And the company has a switched-off rule for PAYONE and the brand "silver"
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"
    And the request has no "brandId"
    And the merchant sends it
    Then the answer is a success

  @control
  Scenario: The company's rule is switched off, the brand's is not
    Given a valid PAYONE PAYIN request with:
      | brandId | silver |
    And the company's rule for PAYONE is switched off
    And the company has a rule for PAYONE and the brand "silver"
    When the merchant sends it
    Then the answer is a success
    And the request has no "brandId"
    And the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"

  @control
  Scenario: A brand without a rule of its own
    Given a valid PAYONE PAYIN request with:
      | brandId | gold |
    When the merchant sends it
    Then the answer is a success

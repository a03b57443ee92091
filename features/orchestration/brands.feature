@control
Feature: Brands
  A merchant with several brands may have rules for each of them; the call names its brand.

  Scenario: A brand's own rule lets its calls through
    Given a valid TRUST PAYIN request with:
      | brandId | silver |
    And the company has no rule for TRUST
    And the company has a rule for TRUST and the brand "silver"
    When the merchant sends it
    Then the answer is a success

  Scenario: It lets no other brand's calls through
    Given a valid TRUST PAYIN request
    And the company has no rule for TRUST
    And the company has a rule for TRUST and the brand "silver"
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"

  @assumes:brand-rules
  Scenario: A brand's rule goes before the company's, also to switch off
    Given a valid TRUST PAYIN request with:
      | brandId | silver |
    And the company has a switched-off rule for TRUST and the brand "silver"
    When the merchant sends it
    Then the answer is the error 400 "Rules action is not matched"
    And the request has no "brandId"
    And the merchant sends it
    Then the answer is a success

  @assumes:brand-rules
  Scenario: A brand without a rule has the company's
    Given a valid TRUST PAYIN request with:
      | brandId | gold |
    When the merchant sends it
    Then the answer is a success

@rule:PayoneConfiguration.currencies
Feature: Payone's currencies can be widened
  One of the vendor's pages says that Payone takes CAD only, another shows euros. We follow the newer one, and let a
  configuration list more.

  @control
  Scenario: Canadian dollars, and what is listed
    Given a valid PAYONE PAYIN request with:
      | currency     | EUR |
      | currencyCode | EUR |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the company's PAYONE configuration has:
      | currencies | json:["CAD", "EUR"] |
    And the merchant sends it
    Then the answer is a success
    And the request has:
      | currency     | GBP |
      | currencyCode | GBP |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"

@assumes:CleoPayOutRequest/cleo-country-currency
Feature: A Cleo pay-out is in its country's currency
  Whether a pay-out to one of Cleo's markets may be in another market's currency is as open as for a pay-in. We refuse
  any other, and name the one that would do.

  @sandbox
  Scenario Outline: <country> is paid in <currency>
    Given a valid CLEO PAYOUT request with:
      | countryCode  | <country>  |
      | currency     | <currency> |
      | currencyCode | <currency> |
    When the merchant sends it
    Then the answer is a success
    And the request has:
      | currency     | <other> |
      | currencyCode | <other> |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "currency must be <currency> for countryCode <country>"

    Examples:
      | country | currency | other |
      | CL      | CLP      | PEN   |
      | PE      | PEN      | MXN   |
      | MX      | MXN      | CLP   |

@assumes:CleoPayInRequest/cleo-country-currency
Feature: A Cleo pay-in is in its country's currency
  Cleo's three markets and their regional keys are documented; that a market takes its own currency only is not said. We
  refuse any other, and name the one that would do.

  @sandbox
  Scenario Outline: <country> is paid in <currency>
    Given a valid CLEO PAYIN request with:
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

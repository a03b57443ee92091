@assumes:Country
Feature: How a country is written
  That a country is sent is documented, its form is not. We take two or three letters, as the codes of ISO 3166 have
  them, large or small.

  @sandbox
  Scenario Outline: <country> is one
    Given a valid FORUMPAY PAYIN request with:
      | country | <country> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | country |
      | DE      |
      | DEU     |
      | de      |

  @sandbox
  Scenario Outline: <country> is no country
    Given a valid FORUMPAY PAYIN request with:
      | country | <country> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "country must be an ISO 3166 country code"

    Examples:
      | country |
      | Germany |
      | D       |
      | 49      |

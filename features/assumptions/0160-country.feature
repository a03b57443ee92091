@assumes:Country
Feature: How a country is written
  That a country is sent is documented, its form is not. We take the codes of ISO 3166-1, of two letters or
  of three, in capital letters.

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
      | de      |
      | XF      |
      | XFA     |

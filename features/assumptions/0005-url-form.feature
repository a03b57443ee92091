@assumes:url-form
Feature: What a return URL looks like
  That a call may say where the shopper returns to is documented, not what is refused. We refuse what is no URL.

  @sandbox
  Scenario: A URL
    Given a valid TRUST PAYIN request with:
      | hppSuccessUrl | https://shop.example:8443/paid?order=7%20a |
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario Outline: <url> is none
    Given a valid TRUST PAYIN request with:
      | hppSuccessUrl | <url> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "hppSuccessUrl must be an http or https URL"

    Examples:
      | url                       |
      | shop.example/paid         |
      | https://shop.example:port |
      | https://shop.example/%zz  |

@assumes:transport-errors-http
Feature: How three transport failures are answered
  The codes PSP_TIMEOUT, PSP_UNAVAILABLE and PSP_RATE_LIMITED and their causes are documented, their messages and HTTP
  statuses are not. We answer 500 with a sentence of our own.

  @control
  Scenario Outline: <code>
    Given a valid TRUST PAYIN request
    When the merchant sends it by the scenario "<scenario>"
    Then the answer has the HTTP status 500
    And the answer has:
      | errorCode | <code>         |
      | message   | /^[A-Z].*[.]$/ |
      | errors    | []             |
    And the answer matches the schema "TransportError"

    Examples:
      | code             | scenario         |
      | PSP_TIMEOUT      | psp-timeout      |
      | PSP_UNAVAILABLE  | psp-unavailable  |
      | PSP_RATE_LIMITED | psp-rate-limited |

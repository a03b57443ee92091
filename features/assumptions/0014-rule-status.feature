@assumes:rule-status
Feature: An unmatched rule is answered with HTTP 400
  The body of "Rules action is not matched" is documented, its HTTP status is not. We answer 400, as for every other
  thing that the merchant can mend.

  @control
  Scenario: No rule lets the call through
    Given a valid TRUST PAYIN request
    And the company has no rule for TRUST
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the answer's "message" is "Rules action is not matched"
    And the answer matches the schema "Error"

@assumes:TrustPayInAnswer.message
Feature: Trust's answer has a message
  The message of Trust's answer is mentioned, its text is not shown. We take that of the other redirects.

  @sandbox
  Scenario: It is there
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer's "message" is "Successfully"

@assumes:BritePayInAnswer.data.sessionId
Feature: Brite's answer has a session id
  Brite's own sessions are public, whether the answer names them is not. We add sessionId, a UUID.

  @sandbox
  Scenario: It is there
    Given a valid BRITE PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.sessionId" is "<uuid>"

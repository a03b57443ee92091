@assumes:ForumpayPayInAnswer.data.sessionId
Feature: ForumPay's answer to a pay-in has a session id
  Whether ForumPay's answer names a session is not shown. We add sessionId, a UUID, as the voucher providers' answers
  have it.

  @sandbox
  Scenario: It is there
    Given a valid FORUMPAY PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.sessionId" is "<uuid>"

  @sandbox
  Scenario: Another one for each call
    Given a valid FORUMPAY PAYIN request
    When the merchant sends it 2 times
    Then every answer is a success
    And the answers' "data.sessionId" differ

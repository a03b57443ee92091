@assumes:BritePayInAnswer.data.status
Feature: Brite's answer has the status PENDING
  With which status Brite's answer begins is not public. We say PENDING; what follows is never told.

  @sandbox
  Scenario: It is there
    Given a valid BRITE PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.status" is "PENDING"

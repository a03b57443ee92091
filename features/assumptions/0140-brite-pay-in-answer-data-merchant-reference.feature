@assumes:BritePayInAnswer.data.merchantReference
Feature: Brite's answer has the merchant's reference
  Whether the merchant's reference comes back from Brite is not public. We tell it again.

  @sandbox
  Scenario: It is there
    Given a valid BRITE PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

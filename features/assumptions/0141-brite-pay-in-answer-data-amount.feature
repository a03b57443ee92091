@assumes:BritePayInAnswer.data.amount
Feature: Brite's answer has the amount
  Whether Brite's answer repeats the amount is not public. We repeat it, as the number of the call.

  @sandbox
  Scenario: It is there
    Given a valid BRITE PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.amount" is "<request.baseamount>"

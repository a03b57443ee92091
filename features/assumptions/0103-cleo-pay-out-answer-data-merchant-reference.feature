@assumes:CleoPayOutAnswer.data.merchantReference
Feature: Cleo's answer to a pay-out repeats the merchant's reference
  A pay-out's generic answer has a status and an id, nothing else is shown. We echo merchantReference besides.

  @sandbox
  Scenario: It is there
    Given a valid CLEO PAYOUT request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

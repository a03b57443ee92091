@assumes:CleoPayOutAnswer.data.amount
Feature: Cleo's answer to a pay-out has the amount
  Whether Cleo confirms how much will be paid out is documented nowhere. We put the request's amount beside the id.

  @sandbox
  Scenario: It is there
    Given a valid CLEO PAYOUT request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.amount" is "<request.baseamount>"

@assumes:CleoPayInAnswer.data.amount
Feature: Cleo's answer to a pay-in has the amount
  How much is paid stands in no documented answer of Cleo's pay-in. We repeat the request's amount, as a number.

  @sandbox
  Scenario: It is there
    Given a valid CLEO PAYIN request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.amount" is "<request.baseamount>"

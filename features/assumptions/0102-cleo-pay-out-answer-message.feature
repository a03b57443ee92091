@assumes:CleoPayOutAnswer.message
Feature: The message of Cleo's answer to a pay-out
  Of a pay-out's generic answer only the data is shown. The text of its message is left open: we take the pay-in's.

  @sandbox
  Scenario: It is there
    Given a valid CLEO PAYOUT request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "message" is "Successfully"

@assumes:CleoPayInAnswer.data.merchantReference
Feature: Cleo's answer to a pay-in repeats the merchant's reference
  Other providers' samples echo merchantReference; for Cleo's pay-in no sample exists. We echo it there as well.

  @sandbox
  Scenario: It is there
    Given a valid CLEO PAYIN request with:
      | baseamount        | 500            |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

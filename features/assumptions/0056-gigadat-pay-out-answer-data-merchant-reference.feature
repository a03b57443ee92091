@assumes:GigadatPayOutAnswer.data.merchantReference
Feature: Gigadat's answer to a pay-out tells the merchant's reference
  The pay-out's sample answer does not show the reference that a pay-in's does. We tell it, empty if the call had none.

  @sandbox
  Scenario: As it was sent
    Given a valid GIGADAT PAYOUT ETO request with:
      | merchantReference | payout-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

  @sandbox
  Scenario: Empty
    Given a valid GIGADAT PAYOUT ACH request
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "(empty)"

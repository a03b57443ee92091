@assumes:FlexepinPayInAnswer.data.transaction_status
Feature: Flexepin's answer has the status Approved
  Flexepin's answer is final, say the pages, yet its sample says PENDING and nothing else. We keep that, and add
  transaction_status, which says Approved.

  @control
  Scenario: A voucher is redeemed
    Given a valid FLEXEPIN PAYIN request with:
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "Approved"

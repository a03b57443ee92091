@assumes:ForumpayPayOutAnswer.data.transaction_status
Feature: ForumPay's answer to a pay-out has the status Pending
  The field table lists transaction_status, the sample right beside it does not show it. We send it, always Pending.

  @sandbox
  Scenario: It is there
    Given a valid FORUMPAY PAYOUT request
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "Pending"

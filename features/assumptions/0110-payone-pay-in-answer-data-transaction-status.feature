@assumes:PayonePayInAnswer.data.transaction_status
Feature: Payone's answer to a pay-in has the status Pending
  Payone's field table lists transaction_status, its sample does not show it. We send it, always Pending.

  @sandbox
  Scenario: It is there
    Given a valid PAYONE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "Pending"

@assumes:user-token-hang-form
Feature: How long a broken token hangs, and what ends it
  An x-user-token that can't be decoded makes the call hang until a 504, say the pages; not after how long, nor what the
  504 looks like. We take half a minute and the HTML page of a gateway.

  @sandbox @slow
  Scenario: It ends in a page, not in JSON
    Given a valid PAYONE PAYIN request
    And a user token that can't be decoded
    When the merchant sends it
    Then the answer has the HTTP status 504
    And the answer is no JSON
    And the answer has the header "Content-Type" "/html/"

  @control
  Scenario: After half a minute
    Given a valid PAYONE PAYIN request
    And a user token that can't be decoded
    When the merchant sends it
    Then the answer has the header "Mozartosim-Virtual-Delay" "30s"
    And the company has 0 payments

@assumes:BritePayInAnswer.data.url
Feature: Brite's answer has the address of a page
  In which field Brite's answer has the page's address is not public. We take url, as ForumPay has it.

  @sandbox
  Scenario: It is there
    Given a valid BRITE PAYIN request with:
      | baseamount        | 62.50          |
      | merchantReference | order-{unique} |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.url" is "<url>"

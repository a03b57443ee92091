@assumes:WorldpayPayInRequest.tags
Feature: A Worldpay pay-in takes tags
  Tags are mentioned for Worldpay, in a table whose end is cut off; how they are written is not to be seen. We accept a
  list of texts, at most fifty.

  @sandbox
  Scenario: May lack; a list, and no single text
    Given a valid WORLDPAY_EU PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request has:
      | tags | json:["vip", "autumn"] |
    And the merchant sends it
    Then the answer is a success
    And the request has:
      | tags | json:"vip" |
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "tags must be an array"

@assumes:GigadatPayOutEtoRequest.merchantReference
Feature: A pay-out by e-transfer takes the merchant's reference
  Gigadat's pay-ins have a merchantReference; the sample of a pay-out by e-transfer has none. We take it there too.

  @sandbox
  Scenario: It is optional, is echoed, and must be text
    Given a valid GIGADAT PAYOUT ETO request
    When the merchant sends it
    Then the answer is a success
    And the request's "merchantReference" is "order-{unique}"
    And the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"
    And the request's "merchantReference" is "json:7"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "merchantReference must be a string"

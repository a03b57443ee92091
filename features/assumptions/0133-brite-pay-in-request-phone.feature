@assumes:BritePayInRequest.phone
Feature: A Brite pay-in may have a phone number
  Nothing public says whether a phone number goes to Brite. We take one of at least six digits, and do without.

  @sandbox
  Scenario: It is optional, and must have the right form
    Given a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the request's "phone" is "+358 40 555 0142"
    And the merchant sends it
    Then the answer is a success
    And the request's "phone" is "none"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "phone must have at least 6 digits"

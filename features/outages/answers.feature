@control
Feature: Answers that go wrong on the way
  Between merchant and vendor stand gateways and networks. A merchant's client must stand what they make of an answer.

  Scenario: A gateway answers instead
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "bad-gateway"
    Then the answer has the HTTP status 502
    And the answer is no JSON
    And the answer contains "Bad Gateway"

  Scenario: Too many requests
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "too-many-requests"
    Then the answer has the HTTP status 429

  Scenario: The answer is lost
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "answer-lost"
    Then there is no answer
    And the company has 1 payment

  Scenario: The answer breaks off
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "answer-truncated"
    Then the answer breaks off
    And the company has 1 payment

  Scenario: The answer is garbage
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "answer-garbage"
    Then the answer is no JSON

  Scenario: A slow answer is reported, not waited for, on a clock that stands
    Given a valid PAYONE PAYIN request
    When the merchant sends it by the scenario "very-slow-answer"
    Then the answer is a success
    And the answer has the header "Mozartosim-Virtual-Delay" "/s$/"

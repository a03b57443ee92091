@assumes:unknown-fields
Feature: Unknown fields are ignored
  The vendor's samples carry fields that the vendor's own tables do not list, so the pages don't show whether
  a field too many is refused. We take it and ignore it, at the top and inside an object, whatever its type.

  @sandbox
  Scenario: A field too many changes nothing
    Given a valid CLEO PAYIN request with:
      | favouriteColour | green                      |
      | address.planet  | Earth                      |
      | loyalty         | json:{"tier": ["gold", 3]} |
    When the merchant sends it
    Then the answer is a success
    And the answer matches the contract
    And the answer has no "favouriteColour"

  @sandbox
  Scenario: It is not taken for a field that is missing
    Given a valid PAYONE PAYIN request without "email"
    And the request has:
      | eMail | jane.doe@example.com |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: email"

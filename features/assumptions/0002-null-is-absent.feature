@assumes:null-is-absent
Feature: A field that is null counts as not sent
  Whether null is a value of its own is written nowhere. We read it as if the field had been left out: an optional field
  may be null, and a required one is then missing.

  @sandbox
  Scenario: An optional field may be null
    Given a valid PAYONE PAYIN request with:
      | brandId           | (null) |
      | merchantReference | (null) |
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | data.merchantReference | (empty) |

  @sandbox
  Scenario: A required one is missing
    Given a valid CLEO PAYIN request with:
      | address.city | (null) |
    When the merchant sends it
    Then the answer is the error 400 "Missing required field: address.city"

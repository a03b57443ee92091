@assumes:Name
Feature: Names are not empty, and not endless
  What a name may look like is not documented. We refuse an empty one, and one of more than 128 characters; any script
  and any sign is fine.

  @sandbox
  Scenario: Any script
    Given a valid PAYONE PAYIN request with:
      | firstName | 渚                |
      | lastName  | O’Neill-Ångström |
    When the merchant sends it
    Then the answer is a success
    And the request's "firstName" is "(empty)"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "firstName must not be empty"

  @sandbox
  Scenario Outline: A name of <n> characters
    Given a valid PAYONE PAYIN request with:
      | firstName | <text> |
    When the merchant sends it
    Then the answer has the HTTP status <http>

    Examples:
      | n   | http | text                                                                                                                              |
      | 128 | 200  | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  |
      | 129 | 400  | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx |

@assumes:one-json-object
Feature: The body is one JSON object of bounded size
  The pages show bodies that are JSON objects, and do not say what happens to anything else. We refuse what is no single
  object, names a field twice, is nested too deeply or too large, each with its own words or its own HTTP status.

  @sandbox
  Scenario Outline: Refused is a body that is <what>
    Given the body:
      """
      <body>
      """
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer contains "<says>"

    Examples:
      | what        | body                                                                                           | says                                                |
      | a list      | [{"pspType": "PAYONE"}]                                                                        | body must be a JSON object, not an array            |
      | a text      | "PAYONE"                                                                                       | body must be a JSON object, not a string            |
      | cut off     | {"pspType": "PAYONE"                                                                           | body must be valid JSON                             |
      | two objects | {"pspType": "PAYONE"} {"type": "PAYIN"}                                                        | body must be one JSON object with nothing after it |
      | ambiguous   | {"pspType": "PAYONE", "pspType": "TRUST", "type": "PAYIN"}                                     | must not name the field pspType twice               |
      | too deep    | {"pspType": "PAYONE", "x": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]} | body must not nest deeper than 32 levels            |

  @sandbox
  Scenario: Large, but not too large
    Given a valid PAYONE PAYIN request
    And the request is padded by 900 KiB
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario: Too large
    Given a valid PAYONE PAYIN request
    And the request is padded by 1030 KiB
    When the merchant sends it
    Then the answer has the HTTP status 413

  @sandbox
  Scenario: Another content type
    Given a valid PAYONE PAYIN request
    When the merchant sends it with the header "Content-Type" set to "application/x-www-form-urlencoded"
    Then the answer has the HTTP status 415

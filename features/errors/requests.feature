Feature: What a call must be
  One endpoint takes everything: a POST with one JSON object. What is not even that is refused before anything else is looked
  at.

  @sandbox @rule:no-status-query
  Scenario: There is no endpoint that tells a payment's status
    Given a PAYONE PAYIN payment
    When the merchant sends a GET to "/v1/api/mozarto/cashier/status"
    Then the answer has the HTTP status 404

  @sandbox @rule:one-endpoint
  Scenario Outline: <method> is no way to call
    When the merchant sends a <method> to "/v1/api/mozarto/cashier"
    Then the answer has the HTTP status 405
    And the answer has the header "Allow" "/POST/"

    Examples:
      | method |
      | GET    |
      | DELETE |

  @sandbox @rule:one-endpoint
  Scenario: Another path is nothing
    Given a valid PAYONE PAYIN request
    When the merchant sends a POST to "/v1/api/mozarto/cashiers"
    Then the answer has the HTTP status 404

  @sandbox @assumes:one-json-object
  Scenario: A body that ends too early
    Given the body:
      """
      {"pspType": "PAYONE", "type": "PAYIN"
      """
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "body must be valid JSON: it ends too early"

  @sandbox @assumes:one-json-object
  Scenario: No body at all
    Given an empty body
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "body must not be empty"

  @sandbox @assumes:one-json-object
  Scenario: A list is no object
    Given the body:
      """
      [{"pspType": "PAYONE"}]
      """
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "body must be a JSON object, not an array"

  @sandbox @assumes:one-json-object
  Scenario: A name that is written twice
    Given the body:
      """
      {"pspType": "PAYONE", "pspType": "TRUST", "type": "PAYIN"}
      """
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer contains "must not name the field pspType twice"

  @sandbox @assumes:one-json-object
  Scenario: Another content type
    Given a valid PAYONE PAYIN request
    When the merchant sends it with the header "Content-Type" set to "text/plain"
    Then the answer has the HTTP status 415

  @sandbox @assumes:one-json-object
  Scenario: A body beyond a mebibyte
    Given a valid PAYONE PAYIN request
    And the request is padded by 1100 KiB
    When the merchant sends it
    Then the answer has the HTTP status 413

  @sandbox @assumes:unknown-fields
  Scenario: Unknown fields are ignored
    Given a valid PAYONE PAYIN request with:
      | favouriteColour | green |
      | isTestMode      | false |
    When the merchant sends it
    Then the answer is a success

  @sandbox @assumes:null-is-absent
  Scenario: A field that is null counts as not sent
    Given a valid PAYONE PAYIN request with:
      | brandId | (null) |
    When the merchant sends it
    Then the answer is a success
    And the request's "email" is "(null)"
    And the merchant sends it
    Then the answer is the error 400 "Missing required field: email"

  @sandbox
  Scenario Outline: userId may be a number or text: <written>
    Given a valid TRUST PAYIN request with:
      | userId | <written> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | written    |
      | "52211"    |
      | json:52211 |

  @control @rule:live-cards
  Scenario: A card number that could be live is refused by the simulator
    Given a valid EMERCHANTPAY PAYIN request with:
      | card.pan | 4000000000000002 |
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the company has 0 payments

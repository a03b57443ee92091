Feature: The shopper's token
  A call names its user by x-user-token, a JWT that is decoded without a query, or by x-user-authorization, a
  session token that the vendor has the merchant confirm.

  @sandbox
  Scenario: Without either header the call is refused
    Given a valid PAYONE PAYIN request
    And no user token
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"
    And the answer lists no errors
    And the answer matches the contract

  @sandbox @assumes:user-token-unsigned
  Scenario: The token's signature is not checked
    Given a valid PAYONE PAYIN request
    And a user token with:
      | firstName | Joan |
    When the merchant sends it
    Then the answer is a success

  @sandbox @assumes:user-token-claims
  Scenario Outline: A token without <claim> is not enough
    Given a valid PAYONE PAYIN request
    And a user token without "<claim>"
    When the merchant sends it
    Then the answer has the HTTP status 400
    And the answer contains "<claim>"

    Examples:
      | claim       |
      | userId      |
      | email       |
      | firstName   |
      | lastName    |
      | phone       |
      | countryCode |

  @sandbox
  Scenario: A token may do without emailVerified
    Given a valid PAYONE PAYIN request
    And a user token without "emailVerified"
    When the merchant sends it
    Then the answer is a success

  @sandbox @slow
  Scenario: A token that can't be decoded makes the call hang until the gateway gives up
    Given a valid PAYONE PAYIN request
    And a user token that can't be decoded
    When the merchant sends it
    Then the answer has the HTTP status 504

  @control @assumes:user-token-hang-form
  Scenario: The hang takes half a minute and ends in a page of the gateway
    Given a valid PAYONE PAYIN request
    And a user token that can't be decoded
    When the merchant sends it
    Then the answer has the HTTP status 504
    And the answer is no JSON
    And the answer has the header "Content-Type" "/html/"
    And the answer has the header "Mozartosim-Virtual-Delay" "30s"
    And the company has 0 payments

  @sandbox
  Scenario Outline: <psp> pay-ins take the shopper's own token only
    Given a valid <psp> PAYIN request
    And the session token "session-of-jane"
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"

    Examples:
      | psp          |
      | FORUMPAY     |
      | EMERCHANTPAY |

@assumes:user-token-claims
Feature: What the shopper's token must tell
  That six claims of x-user-token are required is documented; what a call is answered whose token lacks one is not. We
  answer 400, Validation failed, and name the claim.

  @sandbox
  Scenario Outline: A token without <claim>
    Given a valid TRUST PAYIN request
    And a user token without "<claim>"
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
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
  Scenario: emailVerified may lack
    Given a valid TRUST PAYIN request
    And a user token without "emailVerified"
    When the merchant sends it
    Then the answer is a success

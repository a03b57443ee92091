@assumes:user-token-unsigned
Feature: The shopper's token need not be signed by anybody known
  The documentation says that x-user-token is decoded directly and mentions no check of its signature, nor any key for
  one. We do not check it.

  @sandbox
  Scenario: Whoever has signed it
    Given a valid PAYONE PAYIN request
    And a user token with:
      | userId    | user-{unique} |
      | firstName | Joan          |
    When the merchant sends it
    Then the answer is a success

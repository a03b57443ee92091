@assumes:MerchantReference
Feature: How long a merchant's reference may be
  A reference of the merchant's is documented for some providers, its length for none. We take it for every provider,
  with up to 256 characters of any kind, and send it back unchanged.

  @sandbox
  Scenario: It comes back as it was sent
    Given a valid PAYONE PAYIN request with:
      | merchantReference | Bestellung № 7/{unique} «Größe» |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.merchantReference" is "<request.merchantReference>"

  @sandbox
  Scenario Outline: A reference of <n> characters
    Given a valid PAYONE PAYIN request with:
      | merchantReference | <text> |
    When the merchant sends it
    Then the answer has the HTTP status <http>

    Examples:
      | n   | http | text                                                                                                                                                                                                                                                              |
      | 256 | 200  | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  |
      | 257 | 400  | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx |
